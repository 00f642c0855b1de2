/* <zk-tabs>: which part of a page is shown, where not all fit beside each other.
 *
 * Inside: [role=tab] buttons with data-pane. The chosen name stands in data-pane of the nearest element that has one; what
 * that shows and hides is the style sheet's. data-narrow and data-wide name the first choice below and above 900 px; a tab
 * that is not drawn cannot be chosen. "zk-pane" {pane} on document chooses too.
 */
const NARROW = matchMedia("(max-width: 900px)");

class ZkTabs extends HTMLElement {
  connectedCallback() {
    this.page = this.closest("[data-pane]");
    this.addEventListener("click", (event) => this.choose(event.target.closest("[role=tab]")?.dataset.pane));
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.listen = (event) => this.choose(event.detail.pane);
    this.fit = () => this.choose(NARROW.matches ? this.dataset.narrow : this.dataset.wide);
    document.addEventListener("zk-pane", this.listen);
    NARROW.addEventListener("change", this.fit);
    this.fit();
  }

  disconnectedCallback() {
    document.removeEventListener("zk-pane", this.listen);
    NARROW.removeEventListener("change", this.fit);
  }

  get tabs() {
    return [...this.querySelectorAll("[role=tab]")].filter((tab) => tab.checkVisibility());
  }

  choose(pane) {
    if (!this.tabs.some((tab) => tab.dataset.pane === pane)) return;
    this.page.dataset.pane = pane;
    for (const tab of this.querySelectorAll("[role=tab]")) {
      const chosen = tab.dataset.pane === pane;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const { tabs } = this;
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    this.choose(next.dataset.pane);
    next.focus();
  }
}

customElements.define("zk-tabs", ZkTabs);
