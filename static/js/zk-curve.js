/* <zk-curve>: precision over coverage, with its proven lower bound as a ribbon.
 *
 * Property `data`: {points: [{coverage, precision, bound}] in rising order of coverage, target, coverage}: `target` is the
 * precision asked for, `coverage` what is answered at it (null: nothing is proven). Words: data-label, data-x, data-y,
 * data-line, data-ribbon, data-target, data-point ("{coverage} … {precision} … {bound}"). The arrow keys walk along the
 * curve, as does the pointer. The table with the same figures stands beside it in the page.
 */
import { baseSheet, fill, h, sheet } from "./zk-dom.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 240;
const PAD = { top: 12, right: 12, bottom: 26, left: 44 };
const FLOOR = 0.5;
const GRID_Y = [0.5, 0.6, 0.7, 0.8, 0.9, 1];
const GRID_X = [0, 0.25, 0.5, 0.75, 1];

const curveSheet = sheet(`
:host { display: block; }
svg { display: block; width: 100%; height: ${HEIGHT}px; border-radius: var(--radius); touch-action: pan-y; }
text { fill: var(--text-3); font-size: 12px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); }
.ribbon { fill: var(--accent-soft); stroke: none; }
.line { fill: none; stroke: var(--accent); stroke-width: 2; }
.bound { fill: none; stroke: var(--accent); stroke-width: 1; stroke-dasharray: 2 3; }
.target { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 6 4; }
.chosen { stroke: var(--text); stroke-width: 1.5; }
.here { fill: var(--surface); stroke: var(--accent); stroke-width: 2.5; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-block: 4px; color: var(--text-2); font-size: .8125rem; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.legend i { display: inline-block; width: 18px; height: 0; border-block-start: 2px solid var(--accent); }
.legend .wide { height: 10px; border: 0; background: var(--accent-soft); outline: 1px dotted var(--accent); }
.legend .asked { border-block-start: 2px dashed var(--warn); }
.say { min-height: 1.6em; color: var(--text-2); font-size: .8125rem; font-variant-numeric: tabular-nums; }
`);

const percent = (value) => `${Math.round(value * 1000) / 10}%`;

function shape(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

class ZkCurve extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [baseSheet, curveSheet];
    this.at = null;
  }

  connectedCallback() {
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this);
  }

  disconnectedCallback() {
    this.watch.disconnect();
  }

  set data(value) {
    this.given = value;
    this.at = null;
    this.draw();
  }

  draw() {
    const width = Math.round(this.clientWidth);
    if (!this.given?.points.length || !width) return;
    const hadFocus = this.shadowRoot.activeElement !== null;
    this.x = (share) => PAD.left + share * (width - PAD.left - PAD.right);
    this.y = (share) => PAD.top + (1 - Math.max(share, FLOOR)) / (1 - FLOOR) * (HEIGHT - PAD.top - PAD.bottom);
    this.say = h("p", { class: "say", "aria-hidden": "true" });
    this.svg = this.chart(width);
    this.shadowRoot.replaceChildren(this.legend(), this.svg, this.say);
    this.move(this.at ?? this.nearest(this.given.coverage ?? 1));
    if (hadFocus) this.svg.focus();
  }

  chart(width) {
    const svg = shape("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, tabindex: 0, role: "slider", "aria-label": this.dataset.label, "aria-valuemin": 0, "aria-valuemax": this.given.points.length - 1 });
    svg.append(...this.grid(width), ...this.lines(width));
    this.dot = svg.appendChild(shape("circle", { class: "here", r: 5 }));
    svg.addEventListener("keydown", (event) => this.onKey(event));
    svg.addEventListener("pointermove", (event) => this.move(this.nearest(this.share(event, width))));
    svg.addEventListener("pointerdown", (event) => this.move(this.nearest(this.share(event, width))));
    return svg;
  }

  grid(width) {
    const right = width - PAD.right;
    const rows = GRID_Y.flatMap((share) => [
      shape("line", { class: "grid", x1: PAD.left, x2: right, y1: this.y(share), y2: this.y(share) }),
      shape("text", { x: PAD.left - 6, y: this.y(share) + 4, "text-anchor": "end" }, percent(share)),
    ]);
    const anchor = (share) => (share === 0 ? "start" : share === 1 ? "end" : "middle");
    const columns = GRID_X.map((share) => shape("text", { x: this.x(share), y: HEIGHT - 8, "text-anchor": anchor(share) }, percent(share)));
    return [...rows, ...columns];
  }

  lines(width) {
    const { points, target, coverage } = this.given;
    const along = (name) => points.map((point) => `${this.x(point.coverage)},${this.y(point[name])}`);
    const upper = along("precision"), lower = along("bound");
    const drawn = [
      shape("polygon", { class: "ribbon", points: [...upper, ...[...lower].reverse()].join(" ") }),
      shape("polyline", { class: "bound", points: lower.join(" ") }),
      shape("polyline", { class: "line", points: upper.join(" ") }),
      shape("line", { class: "target", x1: PAD.left, x2: width - PAD.right, y1: this.y(target), y2: this.y(target) }),
    ];
    if (coverage !== null) drawn.push(shape("line", { class: "chosen", x1: this.x(coverage), x2: this.x(coverage), y1: PAD.top, y2: HEIGHT - PAD.bottom }));
    return drawn;
  }

  legend() {
    const { x, y, line, ribbon, target } = this.dataset;
    const key = (name, words) => h("span", {}, h("i", { class: name }), words);
    return h("div", { class: "legend", "aria-hidden": "true" }, h("span", {}, `↑ ${y} · → ${x}`), key("seen", line), key("wide", ribbon), key("asked", `${target} ${percent(this.given.target)}`));
  }

  share(event, width) {
    const { left } = this.svg.getBoundingClientRect();
    return (event.clientX - left - PAD.left) / (width - PAD.left - PAD.right);
  }

  nearest(coverage) {
    const away = (point) => Math.abs(point.coverage - coverage);
    return this.given.points.reduce((best, point, at, all) => (away(point) < away(all[best]) ? at : best), 0);
  }

  move(at) {
    this.at = Math.min(Math.max(at, 0), this.given.points.length - 1);
    const point = this.given.points[this.at];
    const text = fill(this.dataset.point, { coverage: percent(point.coverage), precision: percent(point.precision), bound: percent(point.bound) });
    this.dot.setAttribute("cx", this.x(point.coverage));
    this.dot.setAttribute("cy", this.y(point.precision));
    this.say.textContent = text;
    this.svg.setAttribute("aria-valuenow", this.at);
    this.svg.setAttribute("aria-valuetext", text);
  }

  onKey(event) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    const ends = { Home: 0, End: this.given.points.length - 1 };
    if (!(event.key in steps) && !(event.key in ends)) return;
    event.preventDefault();
    this.move(event.key in ends ? ends[event.key] : this.at + steps[event.key]);
  }
}

customElements.define("zk-curve", ZkCurve);
