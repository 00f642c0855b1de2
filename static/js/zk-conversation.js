/* <zk-conversation>: the list of messages. Keeps nodes of unchanged messages, the reader's place, and the focus.
 *
 * Set `.view` = {t, lang, actions, trace} once, then call `show(items, extra)`; items as in zk-chat-message.js.
 * Keyboard: the list is one stop of Tab; arrows, Home and End move between messages, Enter goes into a message,
 * Esc comes back out. News is spoken through a live region of its own, so that history is never read again.
 */
import { baseSheet, h, icon } from "./zk-dom.js";
import { messageNode } from "./zk-chat-message.js";
import { conversationSheet } from "./zk-conversation-style.js";

const NEAR_END = 80;
const SPOKEN_FOR = 1500;
const REVEAL_MARGIN = 8;

class ZkConversation extends HTMLElement {
  constructor() {
    super();
    this.nodes = new Map();
    this.reasons = new Map();
    this.missed = 0;
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [baseSheet, conversationSheet];
    this.list = h("ol", { class: "list", role: "list" });
    this.tail = h("div", { class: "tail" });
    this.head = h("div", { class: "intro" });
    this.scroller = h("div", { class: "scroller", onscroll: () => this.scrolled() }, this.head, this.list, this.tail);
    this.jump = h("button", { class: "jump", type: "button", hidden: true, onclick: () => this.toEnd(true) });
    this.live = h("div", { class: "visually-hidden", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.shadowRoot.append(this.scroller, this.jump, this.live);
    this.list.addEventListener("keydown", (event) => this.onkey(event));
    this.list.addEventListener("focusin", (event) => this.activate(event.target.closest(".message")));
    new ResizeObserver(() => this.stick && this.toEnd()).observe(this.scroller);
    this.stick = true;
  }

  /** @param {object} view */
  set view(view) {
    this.context = { ...view, actions: { ...view.actions, askReason: (key, build) => this.askReason(key, build), reveal: (node) => this.reveal(node) } };
    this.list.setAttribute("aria-label", view.t("messages"));
    this.nodes.clear();
    this.list.replaceChildren();
  }

  /**
   * @param {object[]} items
   * @param {{intro?: Node[], tail?: Node[]}} around nodes before and after the messages
   */
  show(items, { intro = [], tail = [] } = {}) {
    const wanted = items.map((item) => this.nodeFor(item));
    place(this.list, wanted);
    place(this.head, intro);
    place(this.tail, tail);
    for (const key of this.nodes.keys()) if (!items.some((item) => item.message.key === key)) this.nodes.delete(key);
    const known = [...this.list.children].some((node) => node === this.active);
    if (!known || this.active === this.before) this.activate(this.list.lastElementChild);
    this.before = this.list.lastElementChild;
    if (this.stick) this.toEnd();
  }

  nodeFor(item) {
    const { message, latest, chosen, current } = item;
    const known = this.nodes.get(message.key);
    if (known && known.message === message && known.state === `${latest}${chosen}${current}`) return known.node;
    const node = messageNode(item, this.context);
    const reason = this.reasons.get(message.key);
    if (reason) node.append(reason);
    if (known) this.swap(known.node, node);
    this.nodes.set(message.key, { message, state: `${latest}${chosen}${current}`, node });
    return node;
  }

  /** Puts a changed message in the place of its old node; the focus, and a trace that was unfolded, stay. */
  swap(old, node) {
    const focused = this.shadowRoot.activeElement;
    const name = old.contains(focused) ? focused.dataset.focus ?? "" : null;
    const trace = old.querySelector(".trace");
    const why = node.querySelector(".why");
    if (trace?.firstChild && !trace.hidden && why) {
      why.click();
      node.querySelector(".trace").replaceChildren(...trace.childNodes);
    }
    old.replaceWith(node);
    if (old === this.active) this.activate(node);
    if (name !== null) (node.querySelector(`[data-focus="${name}"]`) ?? node).focus({ preventScroll: true });
  }

  askReason(key, build) {
    const node = h("div", { class: "reason" });
    this.reasons.set(key, node);
    build(node);
    this.nodes.get(key)?.node.append(node);
    if (this.stick) this.toEnd();
  }

  // --- reading place ---------------------------------------------------------------------------------------------

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.stick = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.stick) this.missed = 0;
    this.showJump();
  }

  /** @param {boolean} [byUser] moves the focus along */
  toEnd(byUser = false) {
    this.stick = true;
    this.missed = 0;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.showJump();
    if (byUser) this.active?.focus({ preventScroll: true });
  }

  /** Scrolls what was just unfolded into view, from its top. Only this list moves, never the page around it. */
  reveal(node) {
    this.stick = false;
    const above = node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += above - REVEAL_MARGIN;
  }

  /** A message of the other side came in: count it if it is out of sight, and speak it. */
  arrived(speech) {
    if (!this.stick) this.missed += 1;
    this.showJump();
    this.speak(speech);
  }

  showJump() {
    const { t } = this.context;
    this.jump.hidden = this.stick;
    const words = this.missed ? t("newMessages", { count: this.missed }) : t("toLatest");
    this.jump.replaceChildren(icon("arrow-down", 16), h("span", { class: this.missed ? "" : "visually-hidden" }, words));
  }

  speak(text) {
    const line = h("p", {}, text);
    this.live.append(line);
    setTimeout(() => line.remove(), SPOKEN_FOR);
  }

  // --- keyboard --------------------------------------------------------------------------------------------------

  activate(message) {
    if (!message || message === this.active) return;
    if (this.active) setStops(this.active, -1);
    this.active = message;
    setStops(message, 0);
    for (const other of this.list.children) if (other !== message) setStops(other, -1);
  }

  onkey(event) {
    const message = event.target.closest(".message");
    if (event.target !== message) {
      if (event.key === "Escape") {
        event.stopPropagation();
        message.focus();
      }
      return;
    }
    const goal = this.goalOf(event.key, message);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  }

  goalOf(key, message) {
    switch (key) {
      case "ArrowUp": return message.previousElementSibling;
      case "ArrowDown": return message.nextElementSibling;
      case "Home": return this.list.firstElementChild;
      case "End": return this.list.lastElementChild;
      case "Enter": return message.querySelector("button, a[href]");
      default: return null;
    }
  }
}

function setStops(message, index) {
  message.tabIndex = index;
  for (const control of message.querySelectorAll("button, a[href], textarea")) control.tabIndex = index;
}

/** Makes the children of `parent` the wanted ones, moving only what is out of place. */
function place(parent, wanted) {
  wanted.forEach((node, i) => {
    if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
  });
  while (parent.children.length > wanted.length) parent.lastElementChild.remove();
}

customElements.define("zk-conversation", ZkConversation);
