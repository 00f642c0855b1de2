/* <zk-chat>: the conversation, as a page of its own, in the launcher's frame, or inline.
 *
 * Attributes: bot (required) · lang ("zh" | "en") · trace (offers "why this answer" on every reply) · embed (inside the
 * launcher: shows "close", waits for the host before it opens a session) · inline (embed without "close") · wide (a page of its own: centres the column)
 * · accent (hex; darkened or lightened until it is readable).
 * Methods: say(text), focus(). Event: "zk-answer" (detail: the reply message) for pages around it.
 */
import { accentTokens } from "./zk-color.js";
import { bannerOf } from "./zk-chat-banner.js";
import { chatHead } from "./zk-chat-head.js";
import { Problem } from "./zk-chat-net.js";
import { ratingCard } from "./zk-chat-rating.js";
import { ChatStorage } from "./zk-chat-storage.js";
import { ChatStore } from "./zk-chat-store.js";
import { chatSheet } from "./zk-chat-style.js";
import { stageText, texts } from "./zk-chat-texts.js";
import { messageNode, pastReplies, quickReplies } from "./zk-chat-message.js";
import { FrameBridge, hostOrigin } from "./zk-frame-bridge.js";
import { baseSheet, h, langOf } from "./zk-dom.js";
import { plain } from "./zk-markdown.js";
import "./zk-composer.js";
import "./zk-conversation.js";

const UNDO_FOR = 8000;

class ZkChat extends HTMLElement {
  connectedCallback() {
    if (this.store) return;
    this.lang ||= document.documentElement.lang;
    this.language = langOf(this.lang);
    this.t = texts(this.language);
    this.storage = new ChatStorage(this.getAttribute("bot"));
    this.store = new ChatStore({ bot: this.getAttribute("bot"), lang: this.language, storage: this.storage });
    this.build();
    this.wearAccent();
    this.listen();
    this.bridge = this.hasAttribute("embed") ? this.joinHost() : null;
    if (!this.bridge) this.store.open();
    this.render();
  }

  disconnectedCallback() {
    this.store?.dispose();
    clearInterval(this.clock);
    this.themes?.disconnect();
  }

  /** Sends a message as if the visitor had written it. */
  say(text) {
    this.conversation.toEnd();
    this.store.say(text);
  }

  focus(options) {
    this.composer.focus(options);
  }

  // --- building --------------------------------------------------------------------------------------------------

  build() {
    const { t } = this;
    this.head = chatHead(t, {
      person: () => this.attempt(() => this.store.handoff()),
      fresh: () => this.fresh(),
      forget: () => this.forgetDialog.showModal(),
      close: this.hasAttribute("embed") && !this.hasAttribute("inline") ? () => this.close() : null,
    });
    this.banner = h("div", { class: "banner", role: "status", hidden: true });
    this.conversation = h("zk-conversation");
    this.statePage = h("div", { class: "state-page", hidden: true });
    this.toast = h("div", { class: "toast", role: "status", hidden: true });
    this.composer = h("zk-composer");
    this.forgetDialog = this.buildForget();
    this.chat = h(
      "section", { class: "chat", lang: this.language, "aria-label": t("title") },
      this.head.node, this.banner, this.statePage, this.conversation, this.toast, this.composer, this.forgetDialog,
    );
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [baseSheet, chatSheet];
    root.replaceChildren(this.chat);
    this.composer.t = t;
    this.composer.value = this.storage.draft;
  }

  buildForget() {
    const { t } = this;
    const dialog = h("dialog", { "aria-labelledby": "forget-title" });
    const forget = () => {
      dialog.close();
      this.composer.value = "";
      this.store.forget();
    };
    dialog.append(
      h("h3", { id: "forget-title" }, t("forgetTitle")),
      h("p", {}, t("forgetText")),
      h(
        "div", { class: "actions" },
        h("button", { class: "solid danger", type: "button", onclick: forget }, t("forgetDo")),
        h("button", { class: "plain", type: "button", onclick: () => dialog.close() }, t("keep")),
      ),
    );
    return dialog;
  }

  listen() {
    this.addEventListener("zk-send", (event) => this.sent(event.detail));
    this.addEventListener("zk-input", (event) => {
      this.storage.draft = event.detail;
      this.store.typed();
    });
    this.shadowRoot.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.bridge && !this.hasAttribute("inline") && !this.forgetDialog.open && !event.isComposing) this.close();
    });
    this.store.addEventListener("change", () => this.later());
    this.store.addEventListener("arrived", (event) => this.arrived(event.detail));
    this.store.addEventListener("renewed", () => this.notify(this.t("renewed")));
    for (const event of ["online", "offline"]) window.addEventListener(event, () => this.later());
    this.clock = setInterval(() => this.store.limitedUntil && this.later(), 1000);
    this.themes = new MutationObserver(() => this.wearAccent());
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  wearAccent() {
    const tokens = accentTokens(this.getAttribute("accent"), document.documentElement.dataset.theme ?? "light");
    for (const [name, value] of Object.entries(tokens ?? {})) this.style.setProperty(name, value);
  }

  // --- the launcher around us ------------------------------------------------------------------------------------

  joinHost() {
    const origin = hostOrigin();
    if (!origin) return null;
    this.unread = 0;
    this.shown = false;
    const bridge = new FrameBridge(origin, {
      open: ({ focus }) => this.opened(focus),
      closed: () => (this.shown = false),
      identify: ({ user_token: token }) => this.store.identify(String(token)),
      resume: () => this.storage.session && this.store.open(),
    });
    bridge.post("ready");
    return bridge;
  }

  opened(focus) {
    this.shown = true;
    this.unread = 0;
    this.bridge.post("unread", { count: 0 });
    this.store.open();
    this.conversation.toEnd();
    if (focus) this.focus();
  }

  close() {
    this.shown = false;
    this.bridge?.post("close");
  }

  // --- what happens ----------------------------------------------------------------------------------------------

  sent(text) {
    this.storage.draft = "";
    this.say(text);
  }

  arrived(message) {
    const who = this.t(message.role);
    this.conversation.arrived(`${who}: ${plain(message.text)}`);
    this.dispatchEvent(new CustomEvent("zk-answer", { detail: message, bubbles: true }));
    if (!this.bridge) return;
    this.bridge.post("message", { role: message.role }); // the host learns that, not what
    if (!this.shown) this.bridge.post("unread", { count: ++this.unread });
  }

  fresh() {
    const undo = this.store.fresh();
    this.notify(this.t("freshDone"), undo);
  }

  /** @returns {Promise<boolean>} whether it worked; what failed is said */
  async attempt(act) {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof TypeError) throw error;
      this.notify(this.t("actionFailed"));
      return false;
    }
  }

  notify(text, undo) {
    clearTimeout(this.toastTimer);
    const hide = () => (this.toast.hidden = true);
    const back = () => {
      hide();
      undo();
      this.focus();
    };
    this.toast.replaceChildren(h("span", {}, text), ...(undo ? [h("button", { type: "button", onclick: back }, this.t("undo"))] : []));
    this.toast.hidden = false;
    this.toastTimer = setTimeout(hide, UNDO_FOR);
  }

  // --- showing ---------------------------------------------------------------------------------------------------

  /** Many changes in one frame are one rendering. */
  later() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      if (this.isConnected) this.render();
    });
  }

  render() {
    const { store } = this;
    const explains = this.hasAttribute("trace") || Boolean(store.session?.bot?.shows_traces);
    if (this.explains !== explains) this.setView(explains);
    if (store.session) this.head.name.textContent = store.session.bot.name || this.t("title");
    this.renderBanner();
    const messages = store.log.all;
    const empty = !messages.length && (store.phase !== "ready" || !store.session);
    this.statePage.hidden = !(empty && store.phase === "error");
    this.conversation.hidden = !this.statePage.hidden;
    this.composer.hidden = !this.statePage.hidden && !this.composer.value;
    if (!this.statePage.hidden) this.renderProblem();
    else this.conversation.show(items(messages, store), { intro: this.intro(messages), tail: this.tail() });
  }

  setView(explains) {
    this.explains = explains;
    const { store } = this;
    this.view = {
      t: this.t,
      lang: this.language,
      trace: explains,
      actions: {
        pick: (suggestion) => {
          this.conversation.toEnd();
          store.pick(suggestion);
          if (!matchMedia("(pointer: coarse)").matches) this.focus({ preventScroll: true });
        },
        retry: (key) => store.retry(key),
        discard: (key) => store.discard(key),
        feedback: (message, value, reason) => this.attempt(() => store.feedback(message, value, reason)),
        trace: (message) => store.trace(message),
        notify: (text) => this.notify(text),
      },
    };
    this.conversation.view = this.view;
  }

  renderBanner() {
    const banner = bannerOf(this.store, this.t, { pick: (suggestion) => this.store.pick(suggestion), fresh: () => this.fresh() });
    const said = banner ? `${banner.tone}${banner.text}${banner.buttons.map((button) => button.textContent)}` : "";
    if (said === this.bannerSaid) return;
    this.bannerSaid = said;
    this.banner.hidden = !banner;
    if (!banner) return;
    this.banner.dataset.tone = banner.tone;
    this.banner.replaceChildren(h("span", {}, banner.text, banner.hint && h("small", {}, banner.hint)), ...banner.buttons);
  }

  renderProblem() {
    const { t, store } = this;
    const gone = store.problem instanceof Problem && store.problem.status === 404;
    this.statePage.replaceChildren(
      h("p", {}, t(gone ? "loadGone" : "loadFailed")),
      gone ? "" : h("p", {}, store.problem instanceof Problem ? store.problem.detail : t("loadHint")),
      h("button", { class: "solid", type: "button", onclick: () => store.open() }, t("again")),
    );
  }

  /** Before the first message: the greeting with its suggestions; bones while loading. */
  intro(messages) {
    const { session, phase } = this.store;
    if (!session) return phase === "loading" ? [this.bones ??= h("div", { class: "bones", role: "status", "aria-label": this.t("loading") }, h("i"), h("i"), h("i"))] : [];
    if (!session.bot.greeting || messages[0]?.text === session.bot.greeting) return [];
    const said = messages.find((message) => message.role === "visitor")?.text ?? "";
    if (this.greeted?.session === session && this.greeted.said === said) return this.greeted.nodes;
    const greeting = { key: "greeting", role: "bot", text: session.bot.greeting, suggestions: [], citations: [] };
    const node = messageNode({ message: greeting, latest: false, chosen: "", current: false }, this.view);
    const suggestions = session.bot.suggestions ?? [];
    const choices = said ? pastReplies(suggestions, said) : quickReplies(suggestions, this.view);
    const nodes = [h("div", { class: node.className }, ...node.childNodes), ...(suggestions.length ? [choices] : [])];
    this.greeted = { session, said, nodes };
    return this.greeted.nodes;
  }

  /** After the last message: who is typing, or the question for a rating. */
  tail() {
    const { store, t } = this;
    if (store.rating !== "asked") this.ratingNode = null;
    else this.ratingNode ??= ratingCard(t, (score, comment) => this.rate(score, comment), () => store.laterRating());
    return [this.typingNode(), this.ratingNode].filter(Boolean);
  }

  typingNode() {
    const { turn, typing } = this.store;
    if (!turn && !typing) {
      this.typingShown = null;
      return null;
    }
    const { t } = this;
    const text = turn ? turn.text || `${stageText(t, turn.stage)}…` : `${t(typing === "agent" ? "typing_agent" : "typing_bot")}…`;
    if (!this.typingShown) {
      this.typingShown = { label: h("span", {}), node: null };
      const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
      this.typingShown.node = h("div", { class: "typing" }, dots, this.typingShown.label);
      if (turn) this.conversation.speak(t("answering"));
    }
    this.typingShown.label.textContent = text;
    this.typingShown.node.classList.toggle("bubble", Boolean(turn?.text));
    return this.typingShown.node;
  }

  async rate(score, comment) {
    if (await this.attempt(() => this.store.rate(score, comment))) this.notify(this.t("rateDone"));
  }
}

/** Messages with what their neighbours say about them. */
function items(messages, store) {
  const lastVisitor = messages.findLastIndex((message) => message.role === "visitor");
  return messages.map((message, i) => ({
    message,
    latest: i > lastVisitor && i === messages.findLastIndex((other) => other.suggestions.length > 0),
    chosen: chosenFrom(message, messages.slice(i + 1)),
    current: message.epoch === store.log.epoch,
  }));
}

/** The suggestion that the visitor said next, if it is one of this message. */
function chosenFrom(message, later) {
  if (!message.suggestions.length) return "";
  const said = later.find((other) => other.role === "visitor")?.text;
  return message.suggestions.find((suggestion) => suggestion.text === said)?.text ?? "";
}

customElements.define("zk-chat", ZkChat);
