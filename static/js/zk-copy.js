/* <zk-copy data-from="id" data-done="Copied" data-failed="…">: its <button> copies the text of the named element. */
const SHOWN_FOR = 2000;

class ZkCopy extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.label = this.button.querySelector("span");
    this.label.setAttribute("aria-live", "polite");
    this.word = this.label.textContent;
    this.button.addEventListener("click", () => this.copy());
  }

  async copy() {
    const source = document.getElementById(this.dataset.from);
    try {
      await navigator.clipboard.writeText(source.textContent);
      this.say(this.dataset.done);
    } catch {
      getSelection().selectAllChildren(source); // no clipboard without https: one key is left to press
      this.say(this.dataset.failed);
    }
  }

  say(text) {
    clearTimeout(this.timer);
    this.label.textContent = text;
    this.timer = setTimeout(() => (this.label.textContent = this.word), SHOWN_FOR);
  }
}

customElements.define("zk-copy", ZkCopy);
