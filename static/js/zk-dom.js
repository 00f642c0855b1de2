/* What every zk- element is built with: nodes, icons and shared styles. Data reaches the page as text nodes only. */

const SPRITE = new URL("../img/icons.svg", import.meta.url).href;
const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `on…` props are listeners, `true` an empty attribute, `null` / `false` / `undefined` nothing.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An icon of the sprite, hidden from assistive technology: the word beside it speaks. */
export function icon(name, size = 16) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/** A constructed style sheet: a strict style-src does not refuse it, and all shadow roots share one copy. */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/** "zh" or "en", whichever a language tag is nearer to. */
export function langOf(tag) {
  return /^zh\b/i.test(tag || "") ? "zh" : "en";
}

/** Fills `{name}` in a text. */
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export const baseSheet = sheet(`
:host { box-sizing: border-box; color: var(--text); font-family: var(--font); line-height: var(--leading, 1.55); }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
p, ul, ol, dl, dd, h2, h3, h4, fieldset { margin: 0; padding: 0; border: 0; min-inline-size: 0; }
ul, ol { list-style: none; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
button:disabled { cursor: not-allowed; opacity: .5; }
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: var(--radius); }
.icon { flex: none; fill: none; stroke: currentColor; }
.link { display: inline-flex; align-items: center; gap: 6px; min-height: 28px; padding: 0 4px; border: 0; border-radius: var(--radius);
  background: none; color: var(--text-2); font-size: .8125rem; }
.link:hover { color: var(--accent); }
.solid, .plain { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-height: var(--target); padding: 4px 14px;
  border: 1px solid var(--edge); border-radius: var(--radius); background: var(--surface); transition: background-color var(--motion); }
.plain:hover { background: var(--sunken); }
.solid { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; }
.icon-button { display: inline-grid; place-items: center; width: var(--target); height: var(--target); padding: 0; border: 0;
  border-radius: var(--radius); background: none; color: var(--text-2); }
.icon-button:hover { background: var(--sunken); color: var(--text); }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (pointer: coarse) { .link { min-width: 44px; min-height: 44px; padding: 0 8px; } }
`);
