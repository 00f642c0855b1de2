/* <zk-combobox src="…">: search by typing and choose one.
 *
 * Holds an <input type="search"> to type in and an <input type="hidden" name="…"> that takes the chosen id. `src` answers
 * {"options": [{id, text, note}]} to ?q=. A choice raises "zk-pick" with {id, text}, which bubbles: an htmx form may be
 * triggered by it. Arrow keys move, Enter chooses, Escape closes.
 * Words from the template: data-none, data-failed.
 */
import { h } from "./zk-dom.js";

const PAUSE_MS = 150;
let made = 0;

class ZkCombobox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input[type=search]");
    this.value = this.querySelector("input[type=hidden]");
    this.list = h("ul", { class: "combobox-list", role: "listbox", id: `zk-combobox-${++made}`, hidden: true });
    this.append(this.list);
    this.options = [];
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })) {
      this.input.setAttribute(name, value);
    }
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("focus", () => {
      this.scrollIntoView({ block: "center" }); // room for the list below
      this.later();
    });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.close());
    // Before the blur that a press would cause.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    const url = new URL(this.getAttribute("src"), location.href);
    url.searchParams.set("q", this.input.value.trim());
    try {
      const response = await fetch(url, { signal: this.asking.signal, headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      this.show((await response.json()).options);
    } catch (error) {
      if (error.name !== "AbortError") this.show([], this.dataset.failed);
    }
  }

  show(options, otherwise = this.dataset.none) {
    if (document.activeElement !== this.input) return;
    this.options = options;
    const rows = options.map((option, at) =>
      h("li", { role: "option", id: `${this.list.id}-${at}`, "aria-selected": "false", onclick: () => this.pick(at) }, h("span", { dir: "auto" }, option.text), option.note ? h("small", {}, option.note) : null),
    );
    this.list.replaceChildren(...(rows.length ? rows : [h("li", { class: "combobox-none", role: "presentation" }, otherwise)]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(this.input.value.trim() && rows.length ? 0 : -1);
  }

  onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") event.preventDefault(); // without a choice there is nothing to send
    if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && this.at >= 0 && !this.list.hidden) {
      this.pick(this.at);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.step(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  step(by) {
    if (this.list.hidden) this.later();
    else if (this.options.length) this.mark((this.at + by + this.options.length) % this.options.length);
  }

  mark(at) {
    this.at = at;
    const rows = [...this.list.querySelectorAll("[role=option]")];
    for (const [n, row] of rows.entries()) row.setAttribute("aria-selected", String(n === at));
    rows[at]?.scrollIntoView({ block: "nearest" });
    if (rows[at]) this.input.setAttribute("aria-activedescendant", rows[at].id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  pick(at) {
    const { id, text } = this.options[at];
    this.input.value = text;
    this.value.value = id;
    this.close();
    this.dispatchEvent(new CustomEvent("zk-pick", { bubbles: true, detail: { id, text } }));
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

customElements.define("zk-combobox", ZkCombobox);
