/* What the chat keeps in this browser: the session, the draft, and messages that are not sent yet.
 *
 * Unsent messages have a key each, so that two tabs never overwrite each other's. Where storage is blocked
 * everything still works, until the page is closed.
 */

const OUTBOX_LIMIT = 20;
const OUTBOX_AGE = 24 * 3600 * 1000;

export class ChatStorage {
  /** @param {string} bot */
  constructor(bot, backing = browserStorage()) {
    this.prefix = `zk:${bot}:`;
    this.backing = backing;
  }

  get session() {
    return this.read("session");
  }

  set session(value) {
    this.write("session", value);
  }

  get draft() {
    return this.read("draft") ?? "";
  }

  set draft(value) {
    this.write("draft", value || null);
  }

  /** Messages to send, oldest first; what is older than a day is dropped. */
  outbox(now) {
    const items = this.keys("out:").map((key) => this.read(key)).filter(Boolean);
    for (const item of items) if (now - item.at > OUTBOX_AGE) this.unqueue(item.client_id);
    return items.filter((item) => now - item.at <= OUTBOX_AGE).sort((a, b) => a.at - b.at).slice(0, OUTBOX_LIMIT);
  }

  queue(item) {
    this.write(`out:${item.client_id}`, item);
  }

  unqueue(clientId) {
    this.write(`out:${clientId}`, null);
  }

  clear() {
    for (const key of this.keys("")) this.write(key, null);
  }

  keys(start) {
    const full = this.prefix + start;
    return Object.keys(this.backing).filter((key) => key.startsWith(full)).map((key) => key.slice(this.prefix.length));
  }

  read(key) {
    try {
      return JSON.parse(this.backing[this.prefix + key] ?? "null");
    } catch {
      return null; // not ours, or cut off: as if it were not there
    }
  }

  write(key, value) {
    try {
      if (value === null) delete this.backing[this.prefix + key];
      else this.backing[this.prefix + key] = JSON.stringify(value);
    } catch {
      // the quota is used up: the value lives in memory only
    }
  }
}

function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return {};
  }
}
