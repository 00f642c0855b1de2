/* <zk-flow>: the diagrams of a file's flows, one at a time, drawn from dialog.task.diagram, with the steps as a list below.
 *
 * data-source names the page's JSON (zk-flow-ask.js); "zk-flows" brings newer ones. A box is a button: its line is shown in
 * the text ("zk-line"), and the box of the cursor's line ("zk-at-line") is marked. One box is a stop of Tab, the arrow keys,
 * Home and End move among them in the order of the file.
 */
import { baseSheet, fill, h, icon } from "./zk-dom.js";
import { given, tell } from "./zk-flow-ask.js";
import { flowSheet } from "./zk-flow-style.js";

const SVG = "http://www.w3.org/2000/svg";
const ICONS = { start: "message", collect: "help", read: "search", write: "edit", say: "text", confirm: "check-circle", branch: "branch", offer: "list", end: "ban", handoff: "headset" };
const ZOOMS = [0.35, 0.5, 0.65, 0.8, 1, 1.25, 1.5];
const READABLE = 0.8;
const LABEL_MOST = 8;

function shape(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

class ZkFlow extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [baseSheet, flowSheet];
    this.chosen = "";
    this.line = 0;
    this.zoom = null;
  }

  connectedCallback() {
    const data = given(this);
    this.words = data.words;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    document.addEventListener("zk-flows", (event) => this.show(event.detail.flows), { signal });
    document.addEventListener("zk-at-line", (event) => this.at(event.detail.line), { signal });
    this.watch = new ResizeObserver(() => typeof this.zoom !== "number" && this.scale(this.zoom));
    this.watch.observe(this);
    this.show(data.flows);
  }

  disconnectedCallback() {
    this.leaving.abort();
    this.watch.disconnect();
  }

  /** @param {object[] | null} flows null keeps what was drawn before, and says so */
  show(flows) {
    this.stale = flows === null;
    if (flows && JSON.stringify(flows) === this.drawn) this.draw(this.flows, false);
    else this.draw(flows ?? this.flows, flows !== null);
    if (flows) this.drawn = JSON.stringify(flows);
  }

  get flow() {
    return this.flows.find((flow) => flow.name === this.chosen) ?? this.flows[0];
  }

  draw(flows, anew) {
    this.flows = flows ?? [];
    this.shadowRoot.querySelector(".stale")?.remove();
    if (!this.flow) {
      this.shadowRoot.replaceChildren(h("p", { class: "none" }, this.words.no_diagram));
      return;
    }
    if (anew || !this.svg) this.build();
    if (this.stale) this.shadowRoot.prepend(h("p", { class: "stale", role: "note" }, icon("alert"), this.words.stale_diagram));
  }

  build() {
    const hadFocus = this.shadowRoot.activeElement?.dataset.id;
    const { words, flow } = this;
    this.scroller = h("div", { class: "scroller" });
    this.svg = this.scroller.appendChild(this.picture(flow));
    const tool = (name, text, act) => h("button", { type: "button", class: "tool", title: words[name], "aria-label": words[name], onclick: act }, text);
    const bar = h(
      "div", { class: "bar" },
      this.chooser(),
      h("span", { class: "tools" }, tool("zoom_out", "−", () => this.step(-1)), tool("zoom_fit", words.zoom_fit, () => this.scale("fit")), tool("zoom_in", "+", () => this.step(1))),
    );
    this.shadowRoot.replaceChildren(bar, flow.about && flow.about !== flow.label ? h("p", { class: "about", dir: "auto" }, flow.about) : "", this.scroller, this.list(flow));
    this.scale(this.zoom);
    this.mark();
    if (hadFocus) this.boxes.find((box) => box.dataset.id === hadFocus)?.focus();
  }

  chooser() {
    if (this.flows.length < 2) return h("b", { class: "name", dir: "auto" }, this.flow.label);
    const choose = (event) => {
      this.chosen = event.target.value;
      this.build();
      this.shadowRoot.querySelector("select").focus();
    };
    const options = this.flows.map((flow) => h("option", { value: flow.name, selected: flow === this.flow }, flow.label));
    return h("select", { "aria-label": this.words.flow, dir: "auto", onchange: choose }, ...options);
  }

  // --- the picture -----------------------------------------------------------------------------------------------

  picture(flow) {
    const { nodes, edges, width, height } = flow.diagram;
    const arrow = shape("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto-start-reverse" }, shape("path", { d: "M0 0 8 4 0 8Z" }));
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": flow.label }, shape("defs", {}, arrow));
    svg.append(...edges.map((edge) => this.edge(edge)), ...nodes.map((node) => this.box(node)));
    svg.addEventListener("keydown", (event) => this.onKey(event));
    this.boxes = [...svg.querySelectorAll(".box")];
    this.boxes[0]?.setAttribute("tabindex", "0");
    return svg;
  }

  edge(edge) {
    const line = shape("polyline", { points: edge.points.map((point) => point.join(",")).join(" "), "marker-end": "url(#arrow)" });
    const group = shape("g", { class: edge.back ? "edge back" : "edge", "aria-hidden": "true" }, line);
    if (edge.label) {
      const short = [...edge.label].length > LABEL_MOST ? `${[...edge.label].slice(0, LABEL_MOST - 1).join("")}…` : edge.label;
      group.append(shape("text", { x: edge.at[0], y: edge.at[1] }, short));
    }
    return group;
  }

  box(node) {
    const kind = this.words[`kind_${node.kind}`];
    const group = shape("g", { class: `box ${node.kind}`, role: "button", tabindex: -1, "data-user-content": "", transform: `translate(${node.x} ${node.y})` });
    group.dataset.id = node.id;
    group.dataset.line = node.line;
    const round = ["start", "end", "handoff"].includes(node.kind) ? node.h / 2 : 8;
    const words = h("div", { class: "words" }, h("span", { class: "kind" }, icon(ICONS[node.kind], 14), kind), " ", h("span", { class: "title", dir: "auto", title: node.title }, node.title));
    group.append(shape("rect", { width: node.w, height: node.h, rx: round }), shape("foreignObject", { width: node.w, height: node.h }, words));
    group.addEventListener("click", () => this.go(group));
    group.addEventListener("focus", () => this.stop(group));
    return group;
  }

  onKey(event) {
    const at = this.boxes.indexOf(this.shadowRoot.activeElement);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.go(this.boxes[at]);
      return;
    }
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: this.boxes.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const box = this.boxes[Math.min(Math.max(next, 0), this.boxes.length - 1)];
    box.focus();
    box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  stop(box) {
    for (const other of this.boxes) other.setAttribute("tabindex", other === box ? "0" : "-1");
  }

  go(box) {
    const line = Number(box?.dataset.line);
    if (line) tell("zk-line", { line });
  }

  // --- the cursor of the text ------------------------------------------------------------------------------------

  at(line) {
    if (!this.flow) return;
    this.line = line;
    const of = [...this.flows].reverse().find((flow) => flow.line <= line);
    if (of && of !== this.flow) {
      this.chosen = of.name;
      this.build();
    } else {
      this.mark();
    }
  }

  mark() {
    const lines = this.boxes.map((box) => Number(box.dataset.line)).filter((line) => line && line <= this.line);
    const nearest = Math.max(0, ...lines);
    for (const box of this.boxes) box.classList.toggle("here", nearest > 0 && Number(box.dataset.line) === nearest);
  }

  // --- how large -------------------------------------------------------------------------------------------------

  /** @param {number | "fit" | null} zoom "fit": as wide as there is room; null: the same, but always large enough to read */
  scale(zoom = null) {
    if (!this.flow || !this.svg) return;
    this.zoom = zoom;
    const { width, height } = this.flow.diagram;
    const fits = Math.min(1, Math.max(ZOOMS[0], (this.scroller.clientWidth - 2) / width));
    const size = zoom === null ? Math.max(fits, READABLE) : zoom === "fit" ? fits : zoom;
    this.now = size;
    this.svg.setAttribute("width", Math.round(width * size));
    this.svg.setAttribute("height", Math.round(height * size));
  }

  step(by) {
    const larger = ZOOMS.filter((zoom) => (by > 0 ? zoom > this.now + 0.01 : zoom < this.now - 0.01));
    const next = by > 0 ? larger[0] : larger.at(-1);
    if (next) this.scale(next);
  }

  // --- the steps as a list ---------------------------------------------------------------------------------------

  list(flow) {
    const { nodes, edges } = flow.diagram;
    const place = new Map(nodes.map((node, at) => [node.id, at + 1]));
    const then = (node) => edges.filter((edge) => edge.source === node.id).map((edge) => (edge.label ? `${place.get(edge.target)} (${edge.label})` : String(place.get(edge.target))));
    const row = (node) => {
      const names = then(node).join(", ");
      const go = node.line ? h("button", { type: "button", class: "row", dir: "auto", onclick: () => tell("zk-line", { line: node.line }) }, node.title) : h("span", { dir: "auto" }, node.title);
      return h("li", {}, h("span", { class: "kind" }, icon(ICONS[node.kind], 14), this.words[`kind_${node.kind}`]), " ", go, names ? h("span", { class: "then" }, ` → ${fill(this.words.leads, { names })}`) : null);
    };
    return h("details", { class: "list" }, h("summary", {}, this.words.steps), h("ol", {}, ...nodes.map(row)));
  }
}

customElements.define("zk-flow", ZkFlow);
