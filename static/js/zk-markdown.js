/* The small part of Markdown that answers use: paragraphs, line breaks, lists, **bold**, `code`, links.
 *
 * Built from text nodes, so nothing in a message can become markup. Links: http, https and mailto only.
 */
import { h } from "./zk-dom.js";

const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBERED = /^\s*(\d{1,2})[.)、]\s*(?=\D)(.*)$/;
const INLINE = /\*\*([^*\n]+)\*\*|`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+)/g;

/** @returns {DocumentFragment} */
export function markdown(text) {
  const out = document.createDocumentFragment();
  for (const block of blocks(text)) {
    if (block.kind === "p") out.append(h("p", {}, ...joined(block.lines)));
    else out.append(h(block.kind, {}, ...block.lines.map(item)));
  }
  return out;
}

/** The same text without marks, for speech and previews. */
export function plain(text) {
  return text
    .replace(INLINE, (whole, bold, code, label) => bold ?? code ?? label ?? whole)
    .replace(/^\s*[-*•]\s+/gm, "")
    .trim();
}

function blocks(text) {
  const found = [];
  let open = null;
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const [kind, rest] = kindOf(line);
    if (kind === null) {
      open = null;
    } else if (open?.kind === kind) {
      open.lines.push(rest);
    } else {
      open = { kind, lines: [rest] };
      found.push(open);
    }
  }
  return found;
}

function kindOf(line) {
  if (!line.trim()) return [null, ""];
  const bullet = BULLET.exec(line);
  if (bullet) return ["ul", bullet[1]];
  const numbered = NUMBERED.exec(line);
  return numbered ? ["ol", line.trim()] : ["p", line];
}

/** A list item; a numbered one keeps the number that was written. */
function item(line) {
  const numbered = NUMBERED.exec(line);
  return numbered ? h("li", { value: numbered[1] }, ...inline(numbered[2])) : h("li", {}, ...inline(line));
}

function joined(lines) {
  return lines.flatMap((line, i) => (i ? [h("br"), ...inline(line)] : inline(line)));
}

function inline(line) {
  const nodes = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    if (match.index > end) nodes.push(line.slice(end, match.index));
    const [whole, bold, code, label, target] = match;
    end = match.index + whole.length;
    if (bold) nodes.push(h("strong", {}, bold));
    else if (code) nodes.push(h("code", {}, code));
    else if (label) nodes.push(link(label, target) ?? whole);
    else nodes.push(...bare(whole));
  }
  if (end < line.length) nodes.push(line.slice(end));
  return nodes;
}

/** A bare address; the full stop or bracket after it belongs to the sentence. */
function bare(address) {
  const tail = /[.,;:!?)\]'*]+$/.exec(address)?.[0] ?? "";
  const target = address.slice(0, address.length - tail.length);
  return [link(target, target) ?? target, tail];
}

/** @returns {HTMLElement | null} null when the address is not one we link to */
export function link(label, target) {
  let url;
  try {
    url = new URL(target);
  } catch {
    return null;
  }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return null;
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, label);
}
