/* <zk-theme-switch>: upgrades the <button> inside it to step through system → light → dark.
 *
 * The words come from the template: data-label, data-system, data-light, data-dark.
 * Needs theme.js (window.zkTheme).
 */
const ORDER = ["system", "light", "dark"];
const ICONS = { system: "monitor", light: "sun", dark: "moon" };

class ZkThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.step());
    this.show();
  }

  step() {
    window.zkTheme.choice = ORDER[(ORDER.indexOf(window.zkTheme.choice) + 1) % ORDER.length];
    this.show();
  }

  show() {
    const choice = window.zkTheme.choice;
    const use = this.button.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[choice]}`));
    const name = `${this.dataset.label} · ${this.dataset[choice]}`;
    this.button.setAttribute("aria-label", name);
    this.button.title = name;
  }
}

customElements.define("zk-theme-switch", ZkThemeSwitch);
