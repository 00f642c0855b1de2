/* <zk-lines>: a list of one-line texts, each an <input> of the same name, with rows to add and take away.
 *
 * Server-rendered rows work without this file. Inside: <ol> of rows, <template> with an empty row, [data-add].
 * Enter adds a row, Backspace in an empty one takes it away, pasted lines become rows. Raises "zk-lines" on a change.
 */
class ZkLines extends HTMLElement {
  connectedCallback() {
    if (this.rows) return;
    this.rows = this.querySelector("ol");
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("paste", (event) => this.onPaste(event));
  }

  onClick(event) {
    if (event.target.closest("[data-add]")) this.add().focus();
    const remove = event.target.closest("[data-remove]");
    if (remove) this.take(remove.closest("li"));
  }

  onKey(event) {
    if (!event.target.matches("input") || event.isComposing || event.keyCode === 229) return;
    const row = event.target.closest("li");
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (event.target.value.trim()) this.add("", row).focus();
    } else if (event.key === "Backspace" && !event.target.value && this.rows.children.length > 1) {
      event.preventDefault();
      this.take(row);
    }
  }

  onPaste(event) {
    const lines = event.clipboardData.getData("text/plain").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (!event.target.matches("input") || lines.length < 2) return;
    event.preventDefault();
    let row = event.target.closest("li");
    if (!event.target.value) event.target.value = lines.shift();
    for (const line of lines) row = this.add(line, row).closest("li");
  }

  /** @returns {HTMLInputElement} the new row's input */
  add(value = "", after = this.rows.lastElementChild) {
    const row = this.querySelector("template").content.firstElementChild.cloneNode(true);
    const input = row.querySelector("input");
    input.value = value;
    if (after) after.after(row);
    else this.rows.append(row);
    this.changed();
    return input;
  }

  take(row) {
    const near = row.previousElementSibling || row.nextElementSibling;
    row.remove();
    (near?.querySelector("input") || this.querySelector("[data-add]")).focus();
    this.changed();
  }

  changed() {
    this.dispatchEvent(new CustomEvent("zk-lines", { bubbles: true }));
  }
}

customElements.define("zk-lines", ZkLines);
