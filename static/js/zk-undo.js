/* <zk-undo>: one notice at a time, in the corner of the page.
 *
 * Events on any element: "zk-undo" {text, url, values} offers for eight seconds to take an action back (button, or the
 * key u); pressing posts `values` to `url`. "zk-notice" {text, tone: "danger" | "ok" | "info"} says something that the
 * page itself cannot show. A failed htmx request says so here too. Pointing at the notice or focusing it stops the clock.
 *
 * Words from the template: data-undo, data-close, data-offline, data-failed. Its hx-headers carry the CSRF token.
 */
import { h, icon } from "./zk-dom.js";

const UNDO_MS = 8000;
const NOTICE_MS = 6000;

class ZkUndo extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController();
    const on = (type, listener) => document.addEventListener(type, listener, { signal: this.leaving.signal });
    on("zk-undo", (event) => this.offer(event.detail));
    on("zk-notice", (event) => this.say(event.detail.text, event.detail.tone));
    on("htmx:sendError", () => this.say(this.dataset.offline, "danger"));
    on("htmx:responseError", (event) => {
      if (!(event.detail.xhr.getResponseHeader("HX-Trigger") || "").includes("zk-notice")) this.say(this.dataset.failed, "danger");
    });
    on("keydown", (event) => this.onKey(event));
    for (const type of ["pointerenter", "focusin"]) this.addEventListener(type, () => clearTimeout(this.timer));
    for (const type of ["pointerleave", "focusout"]) this.addEventListener(type, () => this.wait());
  }

  disconnectedCallback() {
    this.leaving.abort();
    clearTimeout(this.timer);
  }

  /** @param {{text: string, url?: string, values?: Record<string, unknown>, action?: () => void}} what */
  offer(what) {
    this.taken = what;
    this.show(what.text, "undo", UNDO_MS, h("button", { type: "button", class: "toast-undo", onclick: () => this.undo() }, this.dataset.undo, h("kbd", { class: "kbd" }, "U")));
  }

  say(text, tone = "info") {
    this.taken = null;
    this.show(text, tone, NOTICE_MS);
  }

  undo() {
    const what = this.taken;
    if (!what) return;
    this.hide();
    if (what.action) what.action();
    else window.htmx.ajax("POST", what.url, { source: this, swap: "none", values: what.values || {} });
  }

  show(text, tone, ms, ...actions) {
    this.ms = ms;
    const close = h("button", { type: "button", class: "toast-close", "aria-label": this.dataset.close, onclick: () => this.hide() }, icon("x"));
    this.replaceChildren(h("div", { class: "toast", "data-tone": tone }, icon(tone === "danger" ? "alert" : "check-circle"), h("span", {}, text), ...actions, close));
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), this.ms);
  }

  hide() {
    clearTimeout(this.timer);
    this.taken = null;
    this.replaceChildren();
  }

  onKey(event) {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "u" && this.taken && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.undo();
    }
  }
}

customElements.define("zk-undo", ZkUndo);
