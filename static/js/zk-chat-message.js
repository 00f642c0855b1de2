/* One message of the chat as nodes: the text, its buttons, sources, thumbs and the way to its trace. */
import { h, icon } from "./zk-dom.js";
import { link, markdown } from "./zk-markdown.js";
import { Problem } from "./zk-chat-net.js";

const REASONS = ["off_topic", "wrong", "unclear", "incomplete"];
const ANSWERING = new Set(["exact", "rule", "kb", "docs", "facts"]);
const CJK = /[\u3400-\u9fff]/;

/**
 * @param {object} item
 * @param {object} item.message as in ChatLog
 * @param {boolean} item.latest nothing was said after it: its quick replies are open
 * @param {string} item.chosen text of the suggestion that was picked from it, or ""
 * @param {boolean} item.current it belongs to the running session: it can be rated and explained
 * @param {{t: Function, lang: string, actions: object, trace: boolean}} view
 * @returns {HTMLElement} an <li>
 */
export function messageNode(item, view) {
  const { message } = item;
  const content = {
    visitor: visitorParts,
    system: systemParts,
  }[message.role] ?? replyParts;
  return h(
    "li",
    { class: `message ${message.role}`, tabindex: -1, "data-key": message.key },
    h("span", { class: "visually-hidden" }, `${view.t(message.role)} ${clock(message.at, view.lang)}`),
    ...content(item, view),
  );
}

const languageOf = (text) => (CJK.test(text) ? "zh" : "en");
const bubble = (message, ...body) => h("div", { class: "bubble", dir: "auto", lang: languageOf(message.text) }, ...body);

export function clock(at, lang) {
  return at ? new Date(at).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" }) : "";
}

function systemParts({ message, latest }, view) {
  const buttons = latest && message.suggestions.length ? quickReplies(message.suggestions, view) : null;
  return [h("div", { class: "note", dir: "auto", lang: languageOf(message.text) }, markdown(message.text)), buttons];
}

// --- the visitor's own -------------------------------------------------------------------------------------------

function visitorParts({ message }, view) {
  return [bubble(message, message.text), sendState(message, view)];
}

function sendState(message, { t, lang, actions }) {
  if (message.status === "failed") {
    return h(
      "div", { class: "state failed" },
      icon("alert", 14), h("span", {}, failure(message.why, t)),
      h("button", { class: "link", type: "button", "data-focus": "retry", onclick: () => actions.retry(message.key) }, icon("retry", 14), t("retry")),
      h("button", { class: "link", type: "button", onclick: () => actions.discard(message.key) }, t("discard")),
    );
  }
  const sent = message.status === "sent";
  return h("div", { class: sent ? "state time" : "state" }, sent ? clock(message.at, lang) : t(message.status));
}

function failure(error, t) {
  if (!(error instanceof Problem)) return t("failedNet");
  if (error.status === 413) return t("failedLong");
  return error.status >= 500 ? t("failedServer") : t("failedRefused", { detail: error.detail });
}

// --- the other side's --------------------------------------------------------------------------------------------

function replyParts(item, view) {
  const { message, latest, chosen, current } = item;
  const list = message.type === "list";
  const choices = message.suggestions.length > 0;
  return [
    message.role === "agent" ? h("div", { class: "who" }, icon("user", 14), message.author || view.t("agent")) : null,
    bubble(message, markdown(message.text), choices && list ? listChoices(item, view) : null, sources(message, view)),
    current ? footer(item, view) : null,
    choices && !list && latest ? quickReplies(message.suggestions, view) : null,
    choices && !list && !latest ? pastReplies(message.suggestions, chosen) : null,
  ];
}

export function quickReplies(suggestions, { actions }) {
  const button = (suggestion) =>
    h("button", { class: "quick", type: "button", dir: "auto", onclick: () => actions.pick(suggestion) }, suggestion.text);
  return h("div", { class: "quicks" }, ...suggestions.map(button));
}

/** Quick replies whose moment has passed: words to read, no longer to press. */
export function pastReplies(suggestions, chosen) {
  const word = ({ text }) => h("span", { dir: "auto" }, text === chosen ? icon("check", 12) : null, text);
  return h("div", { class: "state past" }, ...suggestions.map(word));
}

/** The buttons of a list stay usable: the second guess may be the right one. Of an expired session they are text. */
function listChoices({ message, chosen, current }, { actions }) {
  const button = (suggestion) =>
    h(
      "li", {},
      h(
        "button",
        {
          class: "choice", type: "button", dir: "auto", "aria-disabled": !current && "true",
          "data-chosen": suggestion.text === chosen, onclick: () => current && actions.pick(suggestion),
        },
        h("span", {}, suggestion.text), icon(suggestion.text === chosen ? "check" : "chevron-right", 16),
      ),
    );
  return h("ul", { class: "choices", role: "list" }, ...message.suggestions.map(button));
}

function sources(message, { t }) {
  if (!message.citations.length) return null;
  const panel = h("div", { class: "snippet", hidden: true });
  const chips = message.citations.map((citation, i) => {
    const chip = h("button", { class: "chip", type: "button", "aria-expanded": "false", "aria-label": t("source", { n: i + 1, title: citation.title }) }, String(i + 1));
    chip.addEventListener("click", () => toggleSource(chips, chip, panel, citation, t));
    return chip;
  });
  return h("div", { class: "sources" }, h("div", { class: "chips" }, ...chips), panel);
}

function toggleSource(chips, chip, panel, citation, t) {
  const open = chip.getAttribute("aria-expanded") !== "true";
  for (const other of chips) other.setAttribute("aria-expanded", String(other === chip && open));
  panel.hidden = !open;
  const address = citation.url ? link(t("openSource"), new URL(citation.url, location.href).href) : null;
  panel.replaceChildren(h("strong", {}, citation.title), h("p", {}, citation.snippet), ...(address ? [address] : []));
}

// --- under a reply -----------------------------------------------------------------------------------------------

function footer({ message }, view) {
  const considered = message.role === "bot" && message.id !== undefined && message.route !== "human";
  const rateable = considered && isAnswer(message);
  const explains = view.trace && considered && Boolean(message.trace_id);
  const time = h("span", { class: "time" }, clock(message.at, view.lang));
  if (!explains && !rateable) return time;
  const details = h("div", { class: "details" });
  return h(
    "div", { class: "under" },
    h(
      "div", { class: "tools" },
      explains ? whyButton(message, details, view) : null,
      ...(rateable ? thumbs(message, details, view) : []),
      time,
    ),
    details,
  );
}

/* The question of a task that stands again under an answer is none itself. */
const isAnswer = (message) =>
  message.type !== "confirm" && message.type !== "list" &&
  (message.outcome ? message.outcome === "answer" : ANSWERING.has(message.route));

function thumbs(message, details, view) {
  const button = (value) =>
    h(
      "button",
      {
        class: "thumb", type: "button", "data-focus": value, "aria-pressed": String(message.feedback === value),
        "aria-label": view.t(value), title: view.t(value), onclick: () => rate(message, value, details, view),
      },
      icon(value === "up" ? "thumbs-up" : "thumbs-down", 16),
    );
  return [button("up"), button("down")];
}

async function rate(message, value, details, { t, actions }) {
  if (message.feedback === value) return;
  if (!(await actions.feedback(message, value)) || value === "up") return;
  actions.askReason(message.key, (node) => {
    const close = (note) => node.replaceChildren(h("span", { class: "state", role: "status" }, note));
    const chip = (reason) => {
      const send = async () => (await actions.feedback(message, "down", t(`reason_${reason}`))) && close(t("thanks"));
      return h("button", { class: "quick small", type: "button", onclick: send }, t(`reason_${reason}`));
    };
    const skip = h("button", { class: "link", type: "button", onclick: () => close(t("thanks")) }, t("skip"));
    node.replaceChildren(h("fieldset", { class: "reasons" }, h("legend", {}, t("reasonAsk")), ...REASONS.map(chip), skip));
  });
}

function whyButton(message, details, { t, lang, actions }) {
  const label = h("span", {}, t("why"));
  const button = h("button", { class: "link why", type: "button", "aria-expanded": "false" }, icon("layers", 14), label);
  const place = h("div", { class: "trace", hidden: true });
  details.append(place);
  button.addEventListener("click", async () => {
    const open = place.hidden;
    place.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    label.textContent = t(open ? "whyHide" : "why");
    if (open && !place.firstChild) await fillTrace(place, message, { t, lang, actions });
  });
  return button;
}

async function fillTrace(place, message, { t, lang, actions }) {
  const skeleton = h("div", { class: "skeleton", "aria-hidden": "true" });
  place.append(skeleton);
  try {
    const [data] = await Promise.all([actions.trace(message), import("./zk-trace.js")]);
    const element = h("zk-trace", { lang });
    element.data = data;
    place.replaceChildren(element);
    actions.reveal(place.closest(".under"));
  } catch {
    place.replaceChildren();
    place.hidden = true;
    actions.notify(t("whyFailed"));
  }
}
