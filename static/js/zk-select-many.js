/* <zk-select-many>: checkboxes of a table, with what can be done to all that are ticked.
 *
 * Inside: input[name=id] in rows, [data-all] ticks all of them, [data-bar] is shown while some are ticked and holds
 * [data-count]. The key x ticks the row that has the focus. Shift + click ticks a range.
 */
class ZkSelectMany extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.addEventListener("change", (event) => this.onChange(event), { signal });
    this.addEventListener("click", (event) => this.onClick(event), { signal });
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.show();
  }

  disconnectedCallback() {
    this.leaving.abort();
  }

  get boxes() {
    return [...this.querySelectorAll("input[name=id]")];
  }

  onChange(event) {
    if (event.target.matches("[data-all]")) for (const box of this.boxes) box.checked = event.target.checked;
    this.show();
  }

  onClick(event) {
    if (!event.target.matches("input[name=id]")) return;
    const at = this.boxes.indexOf(event.target);
    if (event.shiftKey && this.last >= 0) {
      const [from, to] = [Math.min(at, this.last), Math.max(at, this.last)];
      for (const box of this.boxes.slice(from, to + 1)) box.checked = event.target.checked;
    }
    this.last = at;
    this.show();
  }

  onKey(event) {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = document.activeElement?.closest?.("[data-row]");
    const box = row?.querySelector("input[name=id]");
    if (!box || !this.contains(box) || document.activeElement.matches("input:not([type=checkbox])")) return;
    event.preventDefault();
    box.checked = !box.checked;
    this.show();
  }

  show() {
    const boxes = this.boxes;
    const ticked = boxes.filter((box) => box.checked).length;
    const bar = this.querySelector("[data-bar]");
    const all = this.querySelector("[data-all]");
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    if (!bar) return;
    bar.hidden = ticked === 0;
    bar.querySelector("[data-count]").textContent = String(ticked);
  }
}

customElements.define("zk-select-many", ZkSelectMany);
