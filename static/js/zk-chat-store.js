/* The state of one chat and everything a visitor can do to it. Views listen and read; only the store writes.
 *
 * Events: "change" (read the properties again), "arrived" (detail: a new message of the other side, not history),
 * "renewed" (an expired session was replaced).
 */
import { ChatApi, Problem, Unreachable } from "./zk-chat-net.js";
import { ChatLog } from "./zk-chat-log.js";
import { LiveSocket } from "./zk-chat-socket.js";
import { Outbox } from "./zk-chat-outbox.js";

const GAP_PATIENCE = 1500;
const TYPING_SHOWN = 6000;
const TYPING_EVERY = 3000;
const POLL = { human: 4000, bot: 20_000 };

export class ChatStore extends EventTarget {
  /** @param {{bot: string, lang: "zh" | "en", storage: import("./zk-chat-storage.js").ChatStorage, api?: ChatApi, socketUrl?: string}} options */
  constructor({ bot, lang, storage, api = new ChatApi(), socketUrl = defaultSocketUrl() }) {
    super();
    Object.assign(this, { bot, lang, storage, api });
    this.phase = "idle";
    this.problem = null;
    this.session = null;
    this.state = "bot";
    this.position = null;
    this.rating = "none";
    this.connection = { status: "connecting", tries: 0 };
    this.turn = null;
    this.typing = null;
    this.limitedUntil = 0;
    this.userToken = "";
    this.log = new ChatLog();
    this.timers = {};
    this.lastTyping = 0;
    this.generation = 0;
    this.socket = new LiveSocket({
      url: socketUrl,
      hello: () => ({ token: this.session.token, after: this.log.contiguous }),
      onframe: (frame) => this.receive(frame),
      onstatus: (status, tries) => this.change({ connection: { status, tries } }),
      onunauthorised: () => this.reauthorise(),
    });
    this.outbox = this.newOutbox();
  }

  // --- opening ---------------------------------------------------------------------------------------------------

  /** Resumes the stored conversation, or begins one. */
  async open() {
    if (this.phase === "loading" || this.phase === "ready") return;
    const generation = this.generation;
    this.change({ phase: "loading", problem: null });
    try {
      await this.resume();
    } catch (error) {
      if (generation === this.generation) this.failed(error);
      return;
    }
    if (generation !== this.generation) return;
    this.change({ phase: "ready" });
    this.socket.start();
    this.poll();
    for (const item of this.storage.outbox(Date.now())) this.enqueue(item);
  }

  /** Resolves when the chat is open; throws Unreachable when it can't be opened now. */
  async opened() {
    if (this.phase === "idle" || this.phase === "error") this.open();
    while (this.phase === "loading") await new Promise((done) => this.addEventListener("change", done, { once: true }));
    if (this.phase !== "ready") throw new Unreachable("the chat is not open");
  }

  dispose() {
    this.socket.stop();
    this.outbox.dispose();
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  }

  async resume() {
    const stored = this.storage.session;
    if (!stored || stored.user !== userOf(this.userToken)) return this.begin();
    this.session = stored;
    this.rating = stored.rated ? "done" : "none";
    try {
      await this.catchUp({ history: true });
    } catch (error) {
      if (!(error instanceof Problem) || ![401, 404].includes(error.status)) throw error;
      await this.begin();
    }
  }

  async begin() {
    const generation = this.generation;
    const made = await this.api.createSession({ bot: this.bot, locale: this.lang, userToken: this.userToken });
    if (generation !== this.generation) return; // another conversation was chosen meanwhile
    this.session = { ...made, user: userOf(this.userToken) };
    this.storage.session = this.session;
    this.change({ state: made.state ?? "bot", position: null, rating: "none" });
  }

  /** A new session after the old one expired; what was said stays on the screen, what was not sent is sent there. */
  async renew() {
    this.socket.stop();
    this.log.newEpoch();
    await this.begin();
    this.dispatchEvent(new Event("renewed"));
    if (this.phase === "ready") this.socket.start();
  }

  /** The socket was turned away: only when the API does so too is the session over. */
  async reauthorise() {
    try {
      await this.catchUp();
      this.socket.again();
    } catch (error) {
      if (error instanceof Problem && error.status === 401) await this.renew().catch((failure) => this.failed(failure));
      else this.socket.again();
    }
  }

  failed(error) {
    if (!(error instanceof Problem) && !(error instanceof Unreachable)) throw error;
    this.change({ phase: "error", problem: error });
  }

  // --- what the visitor does -------------------------------------------------------------------------------------

  say(text) {
    this.submit({ text, label: text });
  }

  /** @param {{id: string, text: string}} suggestion */
  pick(suggestion) {
    this.submit({ pick: suggestion.id, label: suggestion.text });
  }

  submit({ text, pick, label }) {
    this.enqueue({ client_id: newId(), text, pick, label, at: Date.now() });
  }

  enqueue(item) {
    if (this.outbox.items.some((queued) => queued.client_id === item.client_id)) return;
    this.storage.queue(item);
    this.log.put({
      key: item.client_id, client_id: item.client_id, epoch: Infinity, role: "visitor", text: item.label,
      at: new Date(item.at).toISOString(), status: "sending", item,
    });
    this.outbox.add(item);
  }

  retry(key) {
    const { item } = this.log.find(key);
    this.log.update(key, { status: "sending", why: null });
    this.storage.queue(item);
    this.outbox.add(item);
  }

  discard(key) {
    this.outbox.drop(key);
    this.storage.unqueue(key);
    this.log.remove(key);
    this.change();
  }

  async feedback(message, value, reason) {
    await this.api.feedback(this.session.token, message.id, value, reason);
    this.log.update(message.key, { feedback: value });
    this.change();
  }

  trace(message) {
    return this.api.trace(this.session.token, message.id);
  }

  async handoff() {
    const { state, position } = await this.api.handoff(this.session.token);
    this.setState(state, position);
    await this.catchUp();
  }

  async rate(score, comment) {
    await this.api.rating(this.session.token, score, comment);
    this.session = { ...this.session, rated: true };
    this.storage.session = this.session;
    this.change({ rating: "done" });
  }

  laterRating() {
    this.change({ rating: "none" });
  }

  typed() {
    const now = Date.now();
    if (this.state !== "human" || now - this.lastTyping < TYPING_EVERY) return;
    if (this.socket.send({ type: "typing" })) this.lastTyping = now;
  }

  identify(userToken) {
    this.userToken = userToken;
    const other = this.session && this.session.user !== userOf(userToken);
    if (other) this.fresh();
  }

  /** Begins a new conversation. @returns {() => void} takes it back */
  fresh() {
    const old = { session: this.session, log: this.log, state: this.state, position: this.position, rating: this.rating };
    this.restart({ session: null, log: new ChatLog(), state: "bot", position: null, rating: "none" });
    return () => {
      this.storage.session = old.session;
      this.restart(old);
    };
  }

  /** Clears this browser and takes the token's access away; without a connection the first alone. */
  forget() {
    if (this.session) this.api.revoke(this.session.token).catch(() => {});
    this.storage.clear();
    this.userToken = "";
    this.fresh();
  }

  restart(values) {
    this.dispose();
    this.outbox = this.newOutbox();
    if (!values.session) this.storage.session = null;
    this.generation += 1;
    Object.assign(this, values, { phase: "idle", turn: null, typing: null });
    this.open();
  }

  // --- sending ---------------------------------------------------------------------------------------------------

  newOutbox() {
    return new Outbox({
      deliver: (item) => this.deliver(item),
      renew: () => this.renew(),
      onstatus: (item, status, why) => this.sendStatus(item, status, why),
      ondone: (item) => this.storage.unqueue(item.client_id),
    });
  }

  async deliver(item) {
    await this.opened();
    const log = this.log;
    const body = { client_id: item.client_id, ...(item.pick ? { pick: item.pick } : { text: item.text }) };
    try {
      const answer = await this.api.send(this.session.token, body, (event, data) => this.progress(event, data));
      if (log === this.log) this.answered(item.client_id, answer);
    } finally {
      this.change({ turn: null });
    }
  }

  sendStatus(item, status, why) {
    const limited = why?.error instanceof Problem && why.error.status === 429;
    if (status === "failed") this.storage.unqueue(item.client_id);
    this.log.update(item.client_id, { status, why: why?.error ?? null });
    this.change({ limitedUntil: limited ? why.until : 0, turn: status === "sending" && this.state === "bot" ? { stage: "", text: "" } : null });
  }

  progress(event, data) {
    const turn = this.turn ?? { stage: "", text: "" };
    if (event === "stage") this.change({ turn: { ...turn, stage: data.name } });
    if (event === "delta") this.change({ turn: { ...turn, text: turn.text + data.text } });
  }

  answered(clientId, answer) {
    const { message, replies = [], outcome, trace_id, state, position } = answer;
    if (this.log.find(clientId)) this.log.merge({ ...message, client_id: clientId, role: "visitor" });
    const at = new Date().toISOString();
    this.arrive(replies.map((reply) => ({ role: "bot", at, outcome, trace_id, ...reply })));
    if (state) this.setState(state, position);
  }

  // --- receiving -------------------------------------------------------------------------------------------------

  receive(frame) {
    if (frame.type === "ready") this.ready(frame);
    else if (frame.type === "message") this.arrive([{ ...frame.message, seq: frame.message.seq ?? frame.seq }]);
    else if (frame.type === "reply") this.answered(frame.client_id, frame);
    else if (frame.type === "typing") this.showTyping(frame.role);
    else if (frame.type === "state") this.setState(frame.state, frame.position);
  }

  ready(frame) {
    this.setState(frame.state, frame.position);
    if (frame.last_seq > this.log.contiguous) this.expectGap();
    this.outbox.flush();
  }

  arrive(messages) {
    const fresh = messages.filter((message) => this.log.merge(message) && message.role !== "visitor");
    if (fresh.length) this.typing = null;
    this.change();
    for (const detail of fresh) this.dispatchEvent(new CustomEvent("arrived", { detail }));
    if (messages.some((message) => message.seq > this.log.contiguous)) this.expectGap();
  }

  /** Something between is missing: it may be on its way; if not, it is fetched. */
  expectGap() {
    clearTimeout(this.timers.gap);
    this.timers.gap = setTimeout(() => this.catchUp().catch(() => {}), GAP_PATIENCE);
  }

  /** Fetches what is missing. `history` says it is not news. */
  async catchUp({ history = false } = {}) {
    const { log, session } = this;
    for (let more = true; more; ) {
      const page = await this.api.history(session.token, log.contiguous);
      if (log !== this.log || session !== this.session) return;
      if (history) for (const message of page.messages) log.merge(message);
      else this.arrive(page.messages);
      const end = page.messages.at(-1)?.seq ?? page.last_seq;
      log.settle(end);
      more = page.messages.length > 0 && end < page.last_seq;
      this.setState(page.state, page.position);
    }
    this.change();
  }

  /** While the socket is down the history is asked instead. */
  poll() {
    clearTimeout(this.timers.poll);
    this.timers.poll = setTimeout(async () => {
      if (!this.socket.live && navigator.onLine && document.visibilityState === "visible") {
        await this.catchUp().catch(() => {}); // the socket's own tries show that we are cut off
      }
      this.poll();
    }, this.state === "bot" ? POLL.bot : POLL.human);
  }

  showTyping(role) {
    clearTimeout(this.timers.typing);
    this.timers.typing = setTimeout(() => this.change({ typing: null }), TYPING_SHOWN);
    this.change({ typing: role });
  }

  /** A state without a place in the queue leaves the known place as it is. */
  setState(state, position = state === this.state ? this.position : null) {
    if (!state) return;
    const before = this.state;
    const over = state === "closed" || (before === "human" && state === "bot");
    const ask = over && before !== state && this.rating === "none" && !this.session?.rated;
    this.change({ state, position, ...(ask ? { rating: "asked" } : {}) });
    if (before !== state && this.phase === "ready") this.poll();
  }

  change(values = {}) {
    Object.assign(this, values);
    this.dispatchEvent(new Event("change"));
  }
}

/** Whom a signed user token speaks of: two visits of one customer carry different tokens with the same subject. */
function userOf(token) {
  for (const part of token.split(/[.:]/)) {
    try {
      const { sub } = JSON.parse(atob(part.replaceAll("-", "+").replaceAll("_", "/")));
      if (sub !== undefined) return String(sub);
    } catch {
      // not the part that holds the claims
    }
  }
  return token;
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // secure contexts only
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function defaultSocketUrl() {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/chat/`;
}
