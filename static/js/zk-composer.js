/* <zk-composer>: where a message is written. Grows to five lines, counts towards the limit, and is safe for input methods.
 *
 * Set `.t` (texts) once. Properties: `value`, `limit` (code points). Events: "zk-send" (detail: the text),
 * "zk-input" (detail: the text so far). Enter sends, Shift+Enter breaks the line; Enter that confirms a candidate of an
 * input method does neither.
 */
import { baseSheet, h, icon, sheet } from "./zk-dom.js";

const CONFIRMS_CANDIDATE = 229;
const SHOW_COUNT_FROM = 0.9;

const composerSheet = sheet(`
:host { display: block; border-block-start: 1px solid var(--line); background: var(--surface); padding: 10px 12px; padding-block-end: max(10px, env(safe-area-inset-bottom)); }
form { display: flex; align-items: flex-end; gap: 8px; }
textarea { flex: 1; min-width: 0; height: 44px; max-height: calc(5 * 1.5em + 20px); padding: 9px 12px; border: 1px solid var(--edge); border-radius: 12px;
  background: var(--surface); font-size: 16px; line-height: 1.5; resize: none; overflow-y: auto; }
textarea:focus-visible { outline-offset: -1px; border-radius: 12px; }
::placeholder { color: var(--text-3); opacity: 1; }
textarea[aria-invalid="true"] { border-color: var(--danger); }
.send { display: grid; place-items: center; width: 44px; height: 44px; flex: none; padding: 0; border: 1px solid var(--accent); border-radius: 12px; background: var(--accent); color: var(--on-accent); }
.send:disabled { border-color: var(--line); background: var(--sunken); color: var(--text-3); opacity: 1; }
.count { padding-block-start: 4px; color: var(--text-3); font-size: .75rem; text-align: end; font-variant-numeric: tabular-nums; }
.count[data-over] { color: var(--danger); }
`);

class ZkComposer extends HTMLElement {
  limit = 2000;

  constructor() {
    super();
    this.area = h("textarea", {
      rows: 1, autocomplete: "off", enterkeyhint: "send", dir: "auto", "aria-describedby": "hint count",
      oninput: () => this.changed(), onkeydown: (event) => this.onkey(event),
    });
    this.button = h("button", { class: "send", type: "submit", disabled: true }, icon("send", 20));
    this.hint = h("span", { id: "hint", class: "visually-hidden" });
    this.count = h("div", { id: "count", class: "count", hidden: true });
    const form = h("form", { onsubmit: (event) => this.submit(event) }, this.area, this.button);
    this.attachShadow({ mode: "open", delegatesFocus: true }).adoptedStyleSheets = [baseSheet, composerSheet];
    this.shadowRoot.append(form, this.count, this.hint);
  }

  set t(t) {
    this.words = t;
    this.area.placeholder = t("placeholder");
    this.area.setAttribute("aria-label", t("input"));
    this.button.setAttribute("aria-label", t("send"));
    this.button.title = t("send");
    this.hint.textContent = t("hint");
    this.changed({ quiet: true });
  }

  get value() {
    return this.area.value;
  }

  set value(text) {
    this.area.value = text;
    this.changed({ quiet: true });
  }

  focus(options) {
    this.area.focus(options);
  }

  get over() {
    return Math.max(0, [...this.value.trim()].length - this.limit);
  }

  changed({ quiet = false } = {}) {
    this.grow();
    this.button.disabled = !this.value.trim() || this.over > 0;
    this.showCount();
    if (!quiet) this.dispatchEvent(new CustomEvent("zk-input", { detail: this.value, bubbles: true, composed: true }));
  }

  grow() {
    this.area.style.height = "auto";
    const edges = this.area.offsetHeight - this.area.clientHeight;
    if (this.area.scrollHeight) this.area.style.height = `${Math.max(44, this.area.scrollHeight + edges)}px`;
  }

  showCount() {
    if (!this.words) return;
    const count = [...this.value].length;
    this.count.hidden = count < this.limit * SHOW_COUNT_FROM;
    this.count.toggleAttribute("data-over", this.over > 0);
    this.count.textContent = this.over
      ? this.words("tooLong", { over: this.over })
      : this.words("count", { count, max: this.limit });
    this.area.setAttribute("aria-invalid", String(this.over > 0));
  }

  onkey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === CONFIRMS_CANDIDATE) return;
    this.submit(event);
  }

  submit(event) {
    event.preventDefault();
    const text = this.value.trim();
    if (!text || this.over) return;
    this.value = "";
    this.dispatchEvent(new CustomEvent("zk-send", { detail: text, bubbles: true, composed: true }));
  }
}

customElements.define("zk-composer", ZkComposer);
