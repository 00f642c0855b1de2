/* Sends what the visitor wrote, in order, until the server has it or says why not.
 *
 * A message is queued before it is tried, and leaves the queue only with the server's answer. Off line it waits; on a
 * passing fault it is tried again after 1, 2, 4 … 20 s; on a lasting one it is marked failed and keeps its text.
 */
import { Problem, Unreachable } from "./zk-chat-net.js";

const TRIES = 5;
const LONGEST_WAIT = 20_000;

export class Outbox {
  /**
   * @param {object} options
   * @param {(item: object) => Promise<void>} options.deliver one try; throws Unreachable or Problem
   * @param {() => Promise<void>} options.renew a new session, after a 401
   * @param {(item: object, status: "sending" | "waiting" | "failed", why?: object) => void} options.onstatus
   * @param {(item: object) => void} options.ondone the item has left the queue
   */
  constructor({ deliver, renew, onstatus, ondone }) {
    Object.assign(this, { deliver, renew, onstatus, ondone });
    this.items = [];
    this.busy = false;
    this.timer = 0;
    this.online = () => this.flush();
    window.addEventListener("online", this.online);
  }

  dispose() {
    clearTimeout(this.timer);
    window.removeEventListener("online", this.online);
    this.items = [];
  }

  /** @param {{client_id: string, text?: string, pick?: string}} item */
  add(item) {
    this.items.push({ ...item, tries: 0, renewed: false });
    this.onstatus(item, navigator.onLine ? "sending" : "waiting");
    return this.flush();
  }

  drop(clientId) {
    this.items = this.items.filter((item) => item.client_id !== clientId);
  }

  async flush() {
    clearTimeout(this.timer);
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.items.length && navigator.onLine && (await this.attempt(this.items[0])));
    } finally {
      this.busy = false;
    }
  }

  /** One try of the oldest item; says whether to go on with the next. */
  async attempt(item) {
    this.onstatus(item, "sending");
    try {
      await this.deliver(item);
    } catch (error) {
      return this.afterError(item, error);
    }
    this.leave(item);
    return true;
  }

  async afterError(item, error) {
    if (!this.items.includes(item)) return true;
    if (error instanceof Problem && error.status === 401 && !item.renewed) return this.renewFor(item);
    if (error instanceof Problem && error.status === 429) return this.pause(item, Math.max(error.retryAfter, 1) * 1000, error);
    const passing = error instanceof Unreachable || (error instanceof Problem && error.passing);
    if (!passing && !(error instanceof Problem)) throw error;
    item.tries += 1;
    if (passing && item.tries < TRIES) return this.pause(item, Math.min(500 * 2 ** item.tries, LONGEST_WAIT), error);
    this.leave(item, error);
    return true;
  }

  async renewFor(item) {
    item.renewed = true;
    try {
      await this.renew();
    } catch (error) {
      return this.afterError(item, error);
    }
    return true;
  }

  pause(item, ms, error) {
    this.onstatus(item, "waiting", { error, until: Date.now() + ms });
    this.timer = setTimeout(() => this.flush(), ms);
    return false;
  }

  leave(item, error) {
    this.drop(item.client_id);
    if (error) this.onstatus(item, "failed", { error });
    else this.ondone(item);
  }
}
