/* <zk-calibration>: the slider speaks. Moving it shows what that precision brings, in words, figures and on the curve.
 *
 * data-source names a <script type="application/json">: {curve, choices: {percent: {precision, coverage, bound, proven,
 * sentence, figures}}, chosen}. Inside: an input[type=range], [data-asked], [data-sentence], [data-after=figure],
 * [data-proven] and [data-unproven], and a <zk-curve>. Without this script the form sends what the slider says.
 */
class ZkCalibration extends HTMLElement {
  connectedCallback() {
    this.data = JSON.parse(document.getElementById(this.dataset.source).textContent);
    this.slider = this.querySelector("input[type=range]");
    this.slider?.addEventListener("input", () => this.show());
    this.curve = this.querySelector("zk-curve");
    if (this.curve) customElements.whenDefined("zk-curve").then(() => this.draw());
    this.show();
  }

  get choice() {
    return this.data.choices[this.slider?.value ?? this.data.chosen] ?? this.data.choices[this.data.chosen];
  }

  show() {
    const { choice } = this;
    this.querySelector("[data-asked]").textContent = `${Math.round(choice.precision * 1000) / 10}%`;
    this.querySelector("[data-sentence]").textContent = choice.sentence;
    for (const cell of this.querySelectorAll("[data-after]")) cell.textContent = choice.figures[cell.dataset.after];
    for (const part of this.querySelectorAll("[data-proven]")) part.hidden = !choice.proven;
    for (const part of this.querySelectorAll("[data-unproven]")) part.hidden = choice.proven;
    this.slider?.setAttribute("aria-valuetext", choice.sentence);
    this.draw();
  }

  draw() {
    if (!this.curve) return;
    const { precision, coverage, proven } = this.choice;
    this.curve.data = { points: this.data.curve, target: precision, coverage: proven ? coverage : null };
  }
}

customElements.define("zk-calibration", ZkCalibration);
