/* <zk-flow-editor>: one flow file as text, with line numbers, checks while typing, and saving that overwrites nobody.
 *
 * data-source names the page's JSON (zk-flow-ask.js). Inside: textarea, .flow-gutter, [data-save], [data-state],
 * [data-conflict], [data-problems]. Tab inserts two spaces, Enter keeps the indent; after Escape Tab leaves. The browser's own
 * undo goes on working, for all changes go through it.
 */
import { fill, h, icon } from "./zk-dom.js";
import { ask, given, tell } from "./zk-flow-ask.js";

const CHECK_MS = 400;
const INDENT = "  ";
const ABOVE = 4;

class ZkFlowEditor extends HTMLElement {
  connectedCallback() {
    Object.assign(this, given(this));
    this.text = this.querySelector("textarea");
    this.gutter = this.querySelector(".flow-gutter");
    this.stored = this.text.value;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.text.addEventListener("input", () => this.onInput());
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.text.addEventListener("scroll", () => (this.gutter.scrollTop = this.text.scrollTop));
    for (const type of ["keyup", "click"]) this.text.addEventListener(type, () => tell("zk-at-line", { line: this.line }));
    this.querySelector("[data-save]")?.addEventListener("click", () => this.save());
    document.addEventListener("zk-line", (event) => this.go(event.detail.line), { signal });
    document.addEventListener("keydown", (event) => this.onSaveKey(event), { signal });
    addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault(), { signal });
    addEventListener("hashchange", () => this.goToHash(), { signal });
    this.show(this.problems);
    requestAnimationFrame(() => this.goToHash());
  }

  disconnectedCallback() {
    this.leaving.abort();
    this.checking?.abort();
    clearTimeout(this.timer);
  }

  get value() {
    return this.text.value;
  }

  get unsaved() {
    return this.writable && this.text.value !== this.stored;
  }

  get line() {
    return this.text.value.slice(0, this.text.selectionStart).split("\n").length;
  }

  // --- typing ----------------------------------------------------------------------------------------------------

  onInput() {
    this.number();
    this.state(this.unsaved ? this.words.unsaved : "");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), CHECK_MS);
  }

  onKey(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const free = this.free;
    this.free = event.key === "Escape" || (free && event.key === "Shift");
    if (event.key === "Escape") event.preventDefault(); // not yet off the page: only Tab is free now
    if (this.text.readOnly) return;
    if (event.key === "Tab" && !free) {
      event.preventDefault();
      this.indent(event.shiftKey);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.insert(`\n${this.indentHere()}`);
    }
  }

  indentHere() {
    const before = this.text.value.slice(0, this.text.selectionStart).split("\n").at(-1);
    const [indent] = before.match(/^ */);
    return /:\s*$/.test(before) ? indent + INDENT : /^ *- /.test(before) && /: *$/.test(before) ? indent + INDENT + INDENT : indent;
  }

  /** The selected lines, or two spaces at the cursor. */
  indent(less) {
    const { value, selectionStart, selectionEnd } = this.text;
    if (selectionStart === selectionEnd && !less) {
      this.insert(INDENT);
      return;
    }
    const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const end = value.indexOf("\n", Math.max(from, selectionEnd - 1));
    const to = end < 0 ? value.length : end;
    const lines = value.slice(from, to).split("\n");
    const moved = lines.map((line) => (less ? line.replace(/^ {1,2}/, "") : line && INDENT + line)).join("\n");
    this.text.setSelectionRange(from, to);
    this.insert(moved);
    this.text.setSelectionRange(from, from + moved.length);
  }

  /** Through the browser's own editing, so that its undo knows of it. */
  insert(text) {
    if (text === "") document.execCommand("delete");
    else if (!document.execCommand("insertText", false, text)) {
      this.text.setRangeText(text, this.text.selectionStart, this.text.selectionEnd, "end");
      this.onInput();
    }
  }

  // --- checking --------------------------------------------------------------------------------------------------

  async check() {
    if (!this.writable) return;
    this.checking?.abort();
    this.checking = new AbortController();
    const source = this.text.value;
    try {
      const { ok, body } = await ask(this.urls.check, { source }, this.checking.signal);
      if (ok && source === this.text.value) this.take(body);
    } catch (error) {
      if (error.name !== "AbortError") this.state(this.words.unreachable, "bad");
    }
  }

  take({ problems, flows }) {
    this.show(problems);
    tell("zk-flows", { flows });
  }

  show(problems) {
    this.problems = problems;
    this.number(true);
    const { words } = this;
    const row = (one) =>
      h(
        "li", {},
        h("button", { type: "button", class: "flow-problem", "data-severity": one.severity, onclick: () => this.go(one.line) },
          icon(one.severity === "error" ? "alert" : "info"),
          h("span", {}, h("b", {}, fill(words.line, { line: one.line })), h("span", { class: "visually-hidden" }, ` ${words[one.severity] ?? words.warning}`), " ", h("span", { dir: "auto" }, one.text))),
      );
    const sum = problems.length ? fill(words.problems, { count: problems.length }) : words.no_problems;
    this.querySelector("[data-problems]").replaceChildren(
      h("p", { class: problems.length ? "flow-sum" : "ok-line" }, problems.length ? null : icon("check"), sum),
      problems.length ? h("ul", {}, ...problems.map(row)) : "",
    );
  }

  /** The gutter: a number for each line, and the mark of its worst problem. */
  number(anew = false) {
    const count = this.text.value.split("\n").length;
    if (!anew && count === this.count) return;
    this.count = count;
    const worst = new Map();
    for (const { line, severity } of this.problems) if (severity === "error" || !worst.has(line)) worst.set(line, severity);
    const rows = Array.from({ length: count }, (_, at) => h("span", { "data-severity": worst.get(at + 1) }, String(at + 1)));
    this.gutter.replaceChildren(...rows, h("span", { class: "flow-gutter-end" }));
    this.gutter.scrollTop = this.text.scrollTop;
  }

  // --- moving ----------------------------------------------------------------------------------------------------

  go(line) {
    tell("zk-pane", { pane: "text" });
    const lines = this.text.value.split("\n");
    const at = Math.min(Math.max(line, 1), lines.length) - 1;
    const start = lines.slice(0, at).reduce((sum, text) => sum + text.length + 1, 0);
    this.text.focus({ preventScroll: true });
    this.text.setSelectionRange(start, start + lines[at].length);
    const height = parseFloat(getComputedStyle(this.text).lineHeight);
    this.text.scrollTop = Math.max(0, (at - ABOVE) * height);
    this.text.scrollLeft = 0;
    this.scrollIntoView({ block: "nearest" });
    tell("zk-at-line", { line: at + 1 });
  }

  goToHash() {
    const line = Number(location.hash.slice(1));
    if (line > 0) this.go(line);
  }

  // --- saving ----------------------------------------------------------------------------------------------------

  onSaveKey(event) {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    this.save();
  }

  async save() {
    if (!this.writable || this.busy) return;
    this.busy = true;
    this.state(this.words.saving);
    const source = this.text.value;
    try {
      const { ok, status, body } = await ask(this.urls.save, { source, revision: this.revision });
      if (ok) this.saved(source, body);
      else if (status === 409 && body.revision !== undefined) this.overtaken(body);
      else this.state(body.detail || this.words.failed, "bad");
    } catch {
      this.state(this.words.unreachable, "bad");
    } finally {
      this.busy = false;
    }
  }

  saved(source, body) {
    this.stored = source;
    this.revision = body.revision;
    this.querySelector("[data-conflict]").replaceChildren();
    this.state(this.unsaved ? this.words.unsaved : this.words.saved, this.unsaved ? "" : "ok");
    if (source === this.text.value) this.take(body);
    window.htmx?.trigger(document.body, "zk-changed");
  }

  /** Somebody else was first: both texts are kept until this person chose. */
  overtaken({ revision, source, by }) {
    const { words } = this;
    this.state(words.unsaved);
    const mine = () => {
      this.revision = revision;
      this.save();
    };
    const theirs = () => {
      const before = { text: this.text.value, revision: this.revision, stored: this.stored };
      this.replace(source);
      Object.assign(this, { revision, stored: source });
      this.querySelector("[data-conflict]").replaceChildren();
      this.state("");
      const action = () => {
        this.replace(before.text);
        this.state(words.unsaved);
      };
      document.dispatchEvent(new CustomEvent("zk-undo", { detail: { text: words.theirs_taken, action } }));
    };
    const text = fill(words.conflict, { by: by || words.somebody });
    const button = (word, act) => h("button", { type: "button", class: "button", onclick: act }, word);
    this.querySelector("[data-conflict]").replaceChildren(
      h("div", { class: "notice notice-warn flow-conflict" }, icon("alert"), h("span", {}, text), h("span", { class: "row" }, button(words.take_theirs, theirs), button(words.save_mine, mine))),
    );
  }

  replace(text) {
    this.text.focus({ preventScroll: true });
    this.text.select();
    this.insert(text);
  }

  state(text, tone = "") {
    const place = this.querySelector("[data-state]");
    place.textContent = text;
    place.dataset.tone = tone;
  }
}

customElements.define("zk-flow-editor", ZkFlowEditor);
