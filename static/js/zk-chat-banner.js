/* The line under the head: what stands between the visitor and an answer right now, most urgent first. */
import { h } from "./zk-dom.js";

const SHOW_RECONNECT_AFTER = 2;
const OFFER_RETRY_AFTER = 5;

/**
 * @param {import("./zk-chat-store.js").ChatStore} store
 * @param {(key: string, values?: object) => string} t
 * @param {{pick: Function, fresh: () => void}} actions
 * @returns {{tone: string, text: string, hint?: string, buttons: HTMLElement[]} | null}
 */
export function bannerOf(store, t, actions) {
  const seconds = Math.ceil((store.limitedUntil - Date.now()) / 1000);
  if (!navigator.onLine) return { tone: "warn", text: t("offline"), buttons: [] };
  if (seconds > 0) return { tone: "warn", text: t("limited", { seconds }), buttons: [] };
  return connectionBanner(store, t) ?? stateBanner(store, t, actions);
}

function connectionBanner(store, t) {
  const { status, tries } = store.connection;
  if (status === "live" || tries < SHOW_RECONNECT_AFTER) return null;
  if (tries < OFFER_RETRY_AFTER) return { tone: "calm", text: t("reconnecting"), buttons: [] };
  const retry = h("button", { type: "button", onclick: () => store.socket.reconnect() }, t("connectNow"));
  return { tone: "warn", text: t("disconnected"), buttons: [retry] };
}

function stateBanner(store, t, actions) {
  if (store.state === "queued") {
    const text = store.position ? t("queuedAt", { position: store.position }) : t("queued");
    return { tone: "info", text, hint: t("queuedHint"), buttons: waysOut(store, actions) };
  }
  if (store.state === "human") return { tone: "ok", text: t("human"), buttons: [] };
  if (store.state === "closed") {
    return { tone: "calm", text: t("closed"), buttons: [h("button", { type: "button", onclick: actions.fresh }, t("fresh"))] };
  }
  return null;
}

/** What the latest message offers while waiting ("continue with the bot"), kept in sight when more was written since. */
function waysOut(store, actions) {
  const messages = store.log.all;
  const last = messages.findLast((message) => message.role !== "visitor" && message.suggestions.length);
  if (!last || last === messages.findLast((message) => message.status !== undefined || message.role !== "visitor")) return [];
  return last.suggestions.map((suggestion) => h("button", { type: "button", onclick: () => actions.pick(suggestion) }, suggestion.text));
}
