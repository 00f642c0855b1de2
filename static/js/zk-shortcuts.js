/* <zk-shortcuts>: the keyboard of a page, read off the page itself.
 *
 * [data-key="n"]   is clicked on that key, an input is focused; the last one on the page that can be seen wins, so that
 *                  what lies on top has the key. `data-key-label`, `aria-label` or its text names it in the list (`?`).
 * [data-row]       j and k move the focus among them (to the link inside); Enter is the link's own.
 * [data-key="Escape"]  also works while typing.
 *
 * Words from the template: data-title, data-close, data-move, data-open, data-leave.
 */
import { h } from "./zk-dom.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=file]), textarea, select, [contenteditable]";

class ZkShortcuts extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    document.addEventListener("click", (event) => event.target.closest?.("[data-key='?']") && this.list(), { signal });
  }

  disconnectedCallback() {
    this.leaving.abort();
  }

  onKey(event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key !== "Escape" && event.target.closest?.(TYPING)) return;
    const done = event.key === "?" ? this.list() : this.move(event.key) || this.press(event.key);
    if (done) event.preventDefault();
  }

  press(key) {
    const target = reachable(document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)).at(-1);
    if (!target) return false;
    if (target.matches(TYPING)) {
      target.focus();
      target.select?.();
    } else {
      target.click();
    }
    return true;
  }

  move(key) {
    if (key !== "j" && key !== "k") return false;
    const rows = reachable(document.querySelectorAll("[data-row]"));
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.contains(document.activeElement) || row.hasAttribute("data-current"));
    const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + (key === "j" ? 1 : -1)));
    const target = rows[next].querySelector("a, button") || rows[next];
    target.focus();
    rows[next].scrollIntoView({ block: "nearest" });
    return true;
  }

  list() {
    const keys = new Map();
    for (const target of reachable(document.querySelectorAll("[data-key]"))) {
      if (target.dataset.key !== "?") keys.set(target.dataset.key, nameOf(target));
    }
    if (document.querySelector("[data-row]")) {
      keys.set("j / k", this.dataset.move);
      keys.set("Enter", this.dataset.open);
    }
    const rows = [...keys].map(([key, name]) => h("div", {}, h("dt", {}, h("kbd", { class: "kbd" }, key === "Escape" ? "Esc" : key)), h("dd", {}, name)));
    const dialog = h("dialog", { class: "keys", "aria-label": this.dataset.title, onclose: () => dialog.remove() }, h("h2", {}, this.dataset.title), h("dl", {}, ...rows), h("form", { method: "dialog" }, h("button", { class: "button" }, this.dataset.close)));
    this.append(dialog);
    dialog.showModal();
    return true;
  }
}

function reachable(nodes) {
  return [...nodes].filter((node) => node.checkVisibility?.() ?? node.offsetParent !== null).filter((node) => !node.disabled);
}

function nameOf(target) {
  return target.dataset.keyLabel || target.getAttribute("aria-label") || target.textContent.trim();
}

customElements.define("zk-shortcuts", ZkShortcuts);
