/* The candidates of the knowledge stage: a bar of probability each, with the two thresholds as lines across. */
import { h, icon } from "./zk-dom.js";

const SHOWN_AT_ONCE = 5;

export const percent = (value) => `${Math.round(value * 1000) / 10}%`.replace(/\.0%$/, "%");

const share = (node, value) => {
  node.style.setProperty("--share", `${Math.min(Math.max(value, 0), 1) * 100}%`);
  return node;
};

/**
 * @param {object} stage with `candidates` and, if known, `thresholds`
 * @param {{outcome: string, used: string | null, offered: Set<string>}} ending entry ids that were used and offered
 * @returns {HTMLElement | null}
 */
export function candidateList(stage, ending, t) {
  const { candidates = [], thresholds } = stage;
  if (!candidates.length) return null;
  const rows = candidates.map((candidate) => candidateRow(candidate, thresholds, ending, t));
  return h(
    "details", { open: true },
    h("summary", {}, icon("chevron-right", 14), t("candidates", { count: candidates.length })),
    thresholds ? legend(thresholds, t) : null,
    h("ol", { class: "candidates", role: "list" }, ...rows.slice(0, SHOWN_AT_ONCE)),
    remaining(rows.slice(SHOWN_AT_ONCE), t),
    scores(candidates, t),
  );
}

/** The far-off ones, a press away. */
function remaining(rows, t) {
  if (!rows.length) return null;
  const summary = h("summary", {}, icon("chevron-right", 14), t("remaining", { count: rows.length }));
  return h("details", {}, summary, h("ol", { class: "candidates", role: "list" }, ...rows));
}

function legend({ answer, list, margin }, t) {
  const direct = answer <= 1;
  return h(
    "p", { class: "legend" },
    direct ? h("span", {}, h("i", { class: "answer" }), t("lineAnswer", { percent: percent(answer) })) : h("span", {}, t("noDirect")),
    h("span", {}, h("i", { class: "list" }), t("lineList", { percent: percent(list) })),
    direct && margin ? h("span", {}, t("margin", { percent: percent(margin) })) : null,
  );
}

function candidateRow(candidate, thresholds, ending, t) {
  const won = candidate.entry_id === ending.used;
  const offered = !won && ending.offered.has(candidate.entry_id);
  return h(
    "li", { class: won || offered ? "candidate won" : "candidate" },
    h(
      "div", { class: "line" },
      h("span", { class: "question", dir: "auto" }, candidate.question),
      won || offered ? h("span", { class: "mark" }, t(won ? "chosen" : "offered")) : null,
      h("span", { class: "percent" }, percent(candidate.probability)),
    ),
    bar(candidate.probability, thresholds, t),
    candidate.matched && candidate.matched !== candidate.question ? h("p", { class: "small" }, t("matched", { text: candidate.matched })) : null,
    flags(candidate.flags ?? [], t),
  );
}

function bar(probability, thresholds, t) {
  const lines = thresholds
    ? [h("b", { class: "list" }), thresholds.answer <= 1 && h("b", { class: "answer" })].filter(Boolean)
    : [];
  for (const line of lines) share(line, thresholds[line.className]);
  return h("div", { class: "bar", role: "img", "aria-label": t("sure", { percent: percent(probability) }) }, share(h("i"), probability), ...lines);
}

export const flagText = (flag, t) => t.known(`flag_${flag}`, flag.replaceAll("_", " "));

function flags(names, t) {
  if (!names.length) return null;
  return h("div", { class: "flags" }, ...names.map((name) => h("span", { class: "flag" }, icon("alert", 14), flagText(name, t))));
}

/** The figures behind the probabilities, for those who tune them; folded away for everyone else. */
function scores(candidates, t) {
  const rows = candidates.map(({ question, legs = {}, features = {} }) => {
    const figures = [...Object.entries(legs), ...Object.entries(features)];
    return figures.length && h("div", {}, h("b", { dir: "auto" }, question), " ", h("span", {}, figures.map(figure).join(" · ")));
  });
  if (!rows.some(Boolean)) return null;
  return h("details", {}, h("summary", {}, icon("chevron-right", 14), t("parts")), h("div", { class: "scores" }, ...rows.filter(Boolean)));
}

const figure = ([name, value]) => `${name} ${Math.round(value * 1000) / 1000}`;
