/* <zk-reveal>: a form that the keyboard opens, fills and sends.
 *
 * When the <details> inside opens, the focus goes to [data-first]; Escape folds it and gives the focus back to the
 * summary; Ctrl or ⌘ with Enter sends the form around the field that has the focus, by its [data-submit] button.
 */
class ZkReveal extends HTMLElement {
  connectedCallback() {
    this.details = this.querySelector("details");
    this.details?.addEventListener("toggle", () => this.enter());
    this.enter();
    this.addEventListener("keydown", (event) => this.onKey(event));
  }

  enter() {
    if (!this.details?.open) return;
    this.details.scrollIntoView({ block: "center" });
    this.details.querySelector("[aria-invalid=true], [data-first]")?.focus({ preventScroll: true });
  }

  onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.target.form?.requestSubmit(event.target.form.querySelector("[data-submit]"));
    } else if (event.key === "Escape" && this.details?.open) {
      event.stopPropagation();
      this.details.open = false;
      this.details.querySelector("summary").focus();
    }
  }
}

customElements.define("zk-reveal", ZkReveal);
