/* <zk-trace>: why a turn ended as it did, in words, stage by stage.
 *
 * Give it the trace in one of these ways: the property `data`; a child <script type="application/json"> (Django's
 * json_script), or the attribute data-trace with the id of one; the attribute `src` (an address that answers with the
 * trace); or `turn` (a message id of the chat API) with the property `token`. Attribute lang: "zh" | "en", else that of the page.
 */
import { baseSheet, h, icon, langOf } from "./zk-dom.js";
import { candidateList, flagText, percent } from "./zk-trace-candidates.js";
import { traceSheet } from "./zk-trace-style.js";
import { traceTexts } from "./zk-trace-texts.js";

const OUTCOME_ICONS = { answer: "check-circle", list: "list", ask: "help", chat: "smile", refuse: "ban", handoff: "headset" };
const STAGE_ICONS = {
  normalise: "text", guard: "shield", exact: "target", rules: "rules", floor: "flow", task: "flow", kb: "book", arbiter: "scale", output: "send", pick: "hand", human: "headset",
};
const DECIDES = {
  guard: ["block", "handoff"], exact: ["hit"], rules: ["hit"], floor: ["ask", "answer", "handoff"], task: ["ask", "answer", "handoff"], pick: ["entry", "handoff", "resume"], human: null, arbiter: null,
};
const TROUBLE = new Set(["warn", "unavailable", "stale", "timeout"]);
const SAID_OTHERWISE = new Set(["reason", "bot"]);
const BY_VERDICT = new Set(["task", "ask", "lost"]);
const CODED = new Set(["lang", "kind"]);

class ZkTrace extends HTMLElement {
  static observedAttributes = ["src", "turn"];

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [baseSheet, traceSheet];
  }

  connectedCallback() {
    this.t = traceTexts(langOf(this.lang || document.documentElement.lang));
    const given = document.getElementById(this.dataset.trace ?? "") ?? this.querySelector('script[type="application/json"]');
    if (given && !this.trace) this.trace = JSON.parse(given.textContent);
    if (this.trace) this.render();
    else this.load();
  }

  attributeChangedCallback() {
    if (this.isConnected && this.t) this.load();
  }

  get data() {
    return this.trace;
  }

  set data(trace) {
    this.trace = trace;
    if (this.isConnected) this.render();
  }

  async load() {
    const turn = this.getAttribute("turn");
    const src = this.getAttribute("src") ?? (turn && `/api/v1/chat/messages/${encodeURIComponent(turn)}/trace`);
    if (!src) return;
    this.shadowRoot.replaceChildren(h("div", { class: "skeleton", role: "status", "aria-label": this.t("loading") }));
    const headers = { Accept: "application/json", ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) };
    try {
      const response = await fetch(src, { headers });
      if (!response.ok) throw new Error(String(response.status));
      this.data = await response.json();
    } catch {
      this.shadowRoot.replaceChildren(h("p", { role: "status" }, this.t("failed")));
    }
  }

  render() {
    const { trace, t } = this;
    const ending = endingOf(trace);
    const body = h(
      "section", { "data-outcome": trace.outcome, "aria-label": t("heading") },
      summary(trace, t),
      nearMiss(trace, ending, t),
      trace.degraded?.length ? degraded(trace.degraded, t) : null,
      h("ol", { class: "stages", role: "list" }, ...trace.stages.map((stage) => stageRow(stage, ending, t))),
      versions(trace.versions ?? {}, t),
    );
    this.shadowRoot.replaceChildren(body);
  }
}

const knowledge = (trace) => trace.stages.find((stage) => stage.candidates?.length);

/** Which candidates the visitor got to see: the one that was answered, or those that were listed. */
function endingOf(trace) {
  const stage = knowledge(trace);
  const none = { outcome: trace.outcome, used: null, offered: new Set() };
  if (!stage || !["kb", "docs", "facts"].includes(trace.route)) return none;
  if (trace.outcome === "answer") return { ...none, used: stage.candidates[0].entry_id };
  if (trace.outcome !== "list") return none;
  const line = stage.thresholds?.list ?? 0;
  const named = trace.stages.find((other) => other.name === "arbiter")?.detail?.listed;
  const offered = Array.isArray(named) ? named : stage.candidates.filter((c) => c.probability >= line).slice(0, 3).map((c) => c.entry_id);
  return { ...none, offered: new Set(offered) };
}

function summary(trace, t) {
  return h(
    "div", { class: "sum" },
    h("span", { class: "outcome" }, icon(OUTCOME_ICONS[trace.outcome] ?? "info", 16), t.known(`outcome_${trace.outcome}`, trace.outcome)),
    trace.confidence > 0 ? h("span", {}, t("sure", { percent: percent(trace.confidence) })) : null,
    trace.ms ? h("span", {}, t("took", { ms: figure(trace.ms) })) : null,
  );
}

/** One sentence on what came closest and did not win; null where the knowledge was not asked. */
function nearMiss(trace, ending, t) {
  const text = nearText(trace, ending, t);
  return text && h("p", { class: "near" }, h("b", {}, t("near")), text);
}

function nearText(trace, ending, t) {
  const stage = trace.stages.find((other) => other.name === "kb");
  if (!stage || stage.verdict === "unavailable" || trace.route === "task") return null;
  const [first, second] = stage.candidates ?? [];
  if (!first) return t("near_nothing");
  const { answer = 0.9, list = 0.35 } = stage.thresholds ?? {};
  const reason = trace.stages.find((other) => other.name === "arbiter")?.detail?.reason;
  const best = { question: first.question, percent: percent(first.probability) };
  if (trace.outcome === "answer") return second ? secondText(first, second, t) : null;
  if (trace.outcome === "list" && reason === "conflict") {
    return t("near_conflict", { ...best, flags: first.flags.map((flag) => flagText(flag, t)).join(t("and")) });
  }
  if (trace.outcome === "list" && reason === "close_second" && second) {
    return t("near_margin", { question: first.question, second: second.question, percent: percent(second.probability) });
  }
  if (trace.outcome === "list") return t("near_answer", { ...best, line: answer > 1 ? "100%" : percent(answer) });
  return first.probability < list ? t("near_refuse", { ...best, line: percent(list) }) : null;
}

function secondText(first, second, t) {
  const gap = Math.round((first.probability - second.probability) * 100);
  return t("near_second", { question: second.question, percent: percent(second.probability), gap });
}

function degraded(names, t) {
  const what = names.map((name) => t.known(`degraded_${name}`, name)).join(t("and"));
  return h("p", { class: "degraded", role: "note" }, icon("alert", 16), h("span", {}, t("degraded", { what })));
}

// --- a stage -----------------------------------------------------------------------------------------------------

function stageRow(stage, ending, t) {
  const { name, verdict, detail = {} } = stage;
  return h(
    "li", { class: `stage ${standing(stage)}` },
    h("span", { class: "dot" }, icon(STAGE_ICONS[name] ?? "info", 14)),
    h(
      "div", {},
      h(
        "div", { class: "line" },
        h("b", {}, t.known(`stage_${name}`, name)),
        h("span", { class: "verdict" }, t.known(`verdict_${name}_${verdict}`, "") || t.known(`verdict_${verdict}`, verdict)),
        stage.ms > 0 ? h("span", { class: "ms" }, t("ms", { ms: figure(stage.ms) })) : null,
      ),
      sentence(stage, t),
      facts(detail, t),
      candidateList(stage, ending, t),
    ),
  );
}

function standing({ name, verdict }) {
  if (TROUBLE.has(verdict)) return "troubled";
  const deciding = DECIDES[name];
  return deciding === null || deciding?.includes(verdict) ? "decides" : "";
}

function sentence({ name, verdict, detail = {} }, t) {
  const own = t.known(`say_${name}_${verdict}`, "");
  const text = (BY_VERDICT.has(verdict) && own) || t.known(`reason_${detail.reason}`, "") || own;
  return text ? h("p", { class: "say" }, text) : null;
}

/** What the stage noted, under names people know; the rest, regular expressions among it, is folded away. */
function facts(detail, t) {
  const entries = Object.entries(detail).filter(([key, value]) => !SAID_OTHERWISE.has(key) && filled(value));
  const plain = ([key]) => t.known(`key_${key}`, "") !== "" && !(key === "matched" && detail.kind === "pattern");
  const known = entries.filter(plain);
  const others = entries.filter((entry) => !plain(entry));
  return h(
    "div", {},
    known.length ? pairs(known, t) : null,
    others.length ? h("details", {}, h("summary", {}, icon("chevron-right", 14), t("more")), pairs(others, t)) : null,
  );
}

const filled = (value) => value !== null && value !== "" && value !== false && !(Array.isArray(value) && !value.length);

function pairs(entries, t) {
  return h("dl", {}, ...entries.flatMap(([key, value]) => [h("dt", {}, t.known(`key_${key}`, key)), h("dd", { dir: "auto" }, CODED.has(key) ? t.known(`value_${value}`, value) : worded(value, t))]));
}

function worded(value, t) {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (Array.isArray(value)) return value.map((part) => (Array.isArray(part) ? part.map((one) => worded(one, t)).join(" ") : worded(part, t))).join(t("and"));
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value).filter(([, part]) => filled(part)).map(([name, part]) => `${name}: ${worded(part, t)}`).join(", ");
}

function versions(values, t) {
  const parts = Object.entries(values).map(([name, value]) =>
    t.known(`version_${name}`, t("version_other", { name, value }), { value }),
  );
  return parts.length ? h("p", { class: "versions" }, `${t("versions")} · ${parts.join(" · ")}`) : null;
}

function figure(ms) {
  if (ms < 0.05) return "< 0.1";
  return ms < 10 ? String(Math.round(ms * 10) / 10) : String(Math.round(ms));
}

customElements.define("zk-trace", ZkTrace);
