/* <zk-sheet>: the place beside a list where one row is read and edited. htmx puts the content in.
 *
 * Inside: [data-close] (a link back to the list) leaves, as does Escape; Ctrl/⌘ + Enter presses [data-save].
 * Unsaved text is never lost: leaving puts it aside and offers it back by a "zk-undo" event.
 * A button with [data-closes] leaves after its request succeeded; so does empty content from the server.
 * Attributes: data-list (selector of the list; its data-url is where the address bar goes on leaving),
 * data-aside (the sentence that offers unsaved text back).
 */
class ZkSheet extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.addEventListener("input", (event) => this.note(event), { signal });
    this.addEventListener("zk-lines", () => (this.dirty = true), { signal });
    this.addEventListener("click", (event) => this.onClick(event), { signal });
    this.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.addEventListener("htmx:beforeSwap", (event) => this.beforeSwap(event), { signal });
    this.addEventListener("htmx:afterSwap", (event) => event.detail.target === this && this.arrived(), { signal });
    this.addEventListener("htmx:afterRequest", (event) => this.afterRequest(event), { signal });
    document.addEventListener("htmx:afterSettle", () => this.mark(), { signal });
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault(), { signal });
  }

  disconnectedCallback() {
    this.leaving.abort();
  }

  get open() {
    return this.childElementCount > 0;
  }

  note(event) {
    if (event.target.closest("[data-tracked]")) this.dirty = true;
  }

  onClick(event) {
    const link = event.target.closest("[data-close]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.close();
  }

  onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.querySelector("[data-save]")?.click();
    }
  }

  /** Another row comes in its place: what was typed here is put aside first. A reply to the own form is not another row. */
  beforeSwap(event) {
    if (event.detail.target !== this) return;
    const own = event.detail.requestConfig.elt.closest?.("[data-tracked]");
    if (event.detail.xhr.status >= 400) return;
    if (this.dirty && !own) this.putAside();
    this.dirty = false;
  }

  /** What [data-closes] did leaves nothing to look at here. */
  afterRequest(event) {
    if (!event.target.matches("[data-closes]") || !event.detail.successful) return;
    this.dirty = false;
    this.close();
  }

  arrived() {
    this.mark();
    if (!this.open) return this.goBack();
    this.scrollTop = 0;
    const field = this.querySelector("[autofocus], [aria-invalid=true]");
    (field || this.querySelector("h2"))?.focus();
  }

  close() {
    if (this.dirty) this.putAside();
    else this.replaceChildren();
    this.dirty = false;
    this.mark();
    this.goBack();
  }

  /** The address bar and the focus return to the list. */
  goBack() {
    const list = document.querySelector(this.dataset.list);
    if (list) history.pushState(null, "", list.dataset.url);
    document.querySelector(`[data-row="${CSS.escape(this.dataset.row || "")}"] a`)?.focus();
  }

  putAside() {
    const nodes = [...this.childNodes];
    const url = location.href;
    this.replaceChildren();
    const action = () => {
      this.replaceChildren(...nodes);
      this.dirty = true;
      this.mark();
      history.pushState(null, "", url);
    };
    this.dispatchEvent(new CustomEvent("zk-undo", { bubbles: true, detail: { text: this.dataset.aside, action } }));
  }

  /** The row of the list that is open here. */
  mark() {
    const id = this.querySelector("[data-entry]")?.dataset.entry || "";
    if (id) this.dataset.row = id;
    this.toggleAttribute("data-open", this.open);
    for (const row of document.querySelectorAll("[data-row]")) row.toggleAttribute("data-current", this.open && row.dataset.row === id);
  }
}

customElements.define("zk-sheet", ZkSheet);
