/* <zk-flow-try>: a conversation with the text in the editor, and beside each reply what the flows made of it.
 *
 * data-source names the page's JSON (zk-flow-ask.js). Inside: form, input[name=say], input[name=real], select[name=lang],
 * [data-talk], [data-anew], [data-story]. The server keeps nothing: `state` is signed and goes back with each message.
 */
import { fill, h, icon } from "./zk-dom.js";
import { ask, given, tell } from "./zk-flow-ask.js";

const OUTCOME_ICONS = { answer: "check-circle", list: "list", ask: "help", chat: "smile", refuse: "ban", handoff: "headset" };

class ZkFlowTry extends HTMLElement {
  connectedCallback() {
    Object.assign(this, given(this));
    this.talk = this.querySelector("[data-talk]");
    this.input = this.querySelector("[name=say]");
    this.story = this.querySelector("[data-story]");
    this.langs = this.querySelector("[name=lang]");
    this.langs.value = this.lang;
    this.signed = "";
    this.querySelector("form").addEventListener("submit", (event) => this.onSubmit(event));
    this.querySelector("[data-anew]").addEventListener("click", () => this.anew());
    this.langs.addEventListener("change", () => this.anew());
    this.story.addEventListener("click", () => this.saveStory());
  }

  onSubmit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || this.busy) return;
    this.input.value = "";
    this.send(text, { text });
  }

  anew() {
    this.signed = "";
    this.story.disabled = true;
    this.talk.replaceChildren();
    document.dispatchEvent(new CustomEvent("zk-notice", { detail: { text: this.words.started_anew, tone: "ok" } }));
    this.input.focus();
  }

  async send(shown, said) {
    this.busy = true;
    for (const button of this.talk.querySelectorAll(".flow-choices button")) button.classList.add("used");
    const mine = h("li", { class: "flow-mine" }, h("span", { class: "visually-hidden" }, `${this.words.you}: `), h("p", { dir: "auto" }, shown));
    const waiting = h("li", { class: "flow-waiting muted" }, this.words.thinking);
    this.talk.append(mine, waiting);
    waiting.scrollIntoView({ block: "nearest" });
    const source = document.querySelector("zk-flow-editor").value;
    const mode = this.querySelector("[name=real]").checked ? "real" : "played";
    try {
      const { ok, body } = await ask(this.urls.try, { source, mode, lang: this.langs.value, state: this.signed, ...said });
      waiting.replaceWith(ok ? this.turn(body) : this.refused(body, shown, said, mine));
    } catch {
      waiting.replaceWith(this.refused({}, shown, said, mine));
    }
    this.busy = false;
    this.talk.lastElementChild.scrollIntoView({ block: "nearest" });
  }

  // --- a turn ----------------------------------------------------------------------------------------------------

  turn(body) {
    this.signed = body.state;
    this.story.disabled = false;
    return h(
      "li", { class: "flow-theirs" },
      h("div", { class: "flow-bubbles" }, h("span", { class: "visually-hidden" }, `${this.words.bot}: `), ...body.replies.flatMap((reply) => this.reply(reply))),
      this.inside(body),
    );
  }

  reply({ text, suggestions }) {
    const press = (one) => h("button", { type: "button", class: "button", dir: "auto", onclick: () => this.busy || this.send(one.text, { pick: one.id }) }, one.text);
    return [
      text ? h("p", { class: "flow-bubble", dir: "auto" }, text) : null,
      suggestions.length ? h("div", { class: "flow-choices" }, ...suggestions.map(press)) : null,
    ].filter(Boolean);
  }

  /** Commands, stack with slots, calls, events, and the whole trace. */
  inside(body) {
    const { words } = this;
    const row = (name, ...cells) => h("div", {}, h("dt", {}, name), h("dd", {}, ...cells));
    const rows = [];
    if (body.commands.length) rows.push(row(words.understood, ...body.commands.map((one) => h("code", { class: "flow-command" }, one))));
    rows.push(row(words.stack, ...this.stack(body)));
    if (body.calls.length) rows.push(row(words.calls, h("ul", {}, ...body.calls.map((one) => this.call(one)))));
    return h(
      "div", { class: "flow-inside" },
      h("span", { class: "outcome", "data-outcome": body.outcome }, icon(OUTCOME_ICONS[body.outcome] ?? "info"), words[`outcome_${body.outcome}`] ?? body.outcome),
      h("dl", {}, ...rows),
      body.events.length ? h("details", {}, h("summary", {}, words.events), h("ol", {}, ...body.events.map((one) => h("li", { dir: "auto" }, one.text)))) : null,
      this.why(body.trace),
    );
  }

  stack({ stack, parked }) {
    const { words } = this;
    if (!stack.length && !parked.length) return [h("span", { class: "muted" }, words.nothing_runs)];
    const frame = (one) =>
      h(
        "div", { class: "flow-frame" },
        h("b", { dir: "auto" }, one.label), one.waits ? h("span", { class: "muted" }, ` · ${fill(words.waits_for, { what: "" })}`, h("code", {}, one.waits)) : null,
        one.slots.length ? h("ul", {}, ...one.slots.map((slot) => h("li", { title: slot.name, dir: "auto" }, `${slot.label} = ${slot.value}`))) : null,
      );
    return [...stack.map(frame), ...parked.map((label) => h("div", { class: "muted" }, h("span", { dir: "auto" }, label), ` · ${words.parked}`))];
  }

  call({ action, write, status, played, inputs, answer }) {
    const { words } = this;
    return h(
      "li", {},
      icon(write ? "edit" : "search", 14), " ", h("code", {}, action), ` ${words[write ? "kind_write" : "kind_read"]}`,
      played ? h("span", { class: "pill" }, words.not_sent) : null,
      status === "ok" ? null : h("code", { class: "flow-bad" }, status),
      inputs ? h("div", { class: "muted", dir: "auto" }, `← ${inputs}`) : null,
      answer ? h("div", { class: "muted", dir: "auto" }, `→ ${answer}`) : null,
    );
  }

  why(trace) {
    const place = h("details", { class: "why" }, h("summary", {}, this.words.why));
    const fillIn = () => {
      if (!place.open || place.children.length > 1) return;
      const element = document.createElement("zk-trace");
      element.data = trace;
      place.append(element);
    };
    place.addEventListener("toggle", fillIn);
    return place;
  }

  refused({ detail, problems }, shown, said, mine) {
    const again = () => {
      mine.remove();
      notice.remove();
      this.send(shown, said);
    };
    const { words } = this;
    const line = (one) => h("li", {}, h("button", { type: "button", class: "flow-problem", "data-severity": one.severity, onclick: () => tell("zk-line", { line: one.line }) }, h("span", {}, h("b", {}, fill(words.line, { line: one.line })), " ", h("span", { dir: "auto" }, one.text))));
    const notice = h(
      "li", { class: "notice notice-danger" }, icon("alert"),
      h("div", {}, h("p", {}, detail || words.failed), problems ? h("ul", {}, ...problems.slice(0, 5).map(line)) : null, h("button", { type: "button", class: "button", onclick: again }, icon("retry"), words.again)),
    );
    return notice;
  }

  // --- a story ---------------------------------------------------------------------------------------------------

  async saveStory() {
    try {
      const first = this.talk.querySelector(".flow-mine p")?.textContent ?? this.name;
      const { ok, body } = await ask(this.urls.story, { state: this.signed, name: first });
      if (!ok) throw new Error(body.detail);
      const href = URL.createObjectURL(new Blob([body.text], { type: "application/yaml" }));
      h("a", { href, download: body.file }).click();
      setTimeout(() => URL.revokeObjectURL(href), 10_000);
      document.dispatchEvent(new CustomEvent("zk-notice", { detail: { text: fill(this.words.story_saved, { file: body.file }), tone: "ok" } }));
    } catch (error) {
      document.dispatchEvent(new CustomEvent("zk-notice", { detail: { text: error.message || this.words.failed, tone: "danger" } }));
    }
  }
}

customElements.define("zk-flow-try", ZkFlowTry);
