/* The messages of a chat in order, each once, wherever they came from (our own send, the socket, history).
 *
 * A message is a frozen object: {key, epoch, seq?, id?, client_id?, role, type, text, at, status?, suggestions,
 * citations, outcome?, trace_id?, feedback?}. `epoch` counts the sessions behind one chat: when a token expires a new
 * conversation begins and its seq starts over, while what was said stays on the screen.
 */

const DEFAULTS = { type: "text", text: "", suggestions: [], citations: [], feedback: null };

export class ChatLog {
  constructor() {
    this.byKey = new Map();
    this.epoch = 0;
    this.floor = 0;
  }

  /** All seqs up to this one are here: where to resume. */
  get contiguous() {
    const seqs = new Set();
    for (const message of this.byKey.values()) if (message.epoch === this.epoch) seqs.add(message.seq);
    while (seqs.has(this.floor + 1)) this.floor += 1;
    return this.floor;
  }

  /** The server says that nothing is missing up to `seq`, even where numbers were skipped. */
  settle(seq) {
    this.floor = Math.max(this.floor, seq);
  }

  newEpoch() {
    this.epoch += 1;
    this.floor = 0;
  }

  /** By session, then by seq; what has no seq yet comes last, in the order it was written. */
  get all() {
    return [...this.byKey.values()].sort(
      (a, b) => a.epoch - b.epoch || (a.seq ?? Infinity) - (b.seq ?? Infinity) || a.order - b.order || 0,
    );
  }

  find(key) {
    return this.byKey.get(key);
  }

  /**
   * Adds a message of the server, or completes the one that is here.
   * @returns {boolean} whether it was new
   */
  merge(raw) {
    const known = this.knownAs(raw);
    const status = raw.role === "visitor" ? { status: "sent" } : {};
    if (!known) {
      this.put({ ...raw, ...status, key: raw.client_id || `m${this.epoch}:${raw.id}`, epoch: this.epoch });
      return true;
    }
    this.put({ ...known, ...defined(raw), ...status, key: known.key, epoch: this.epoch });
    return false;
  }

  put(message) {
    const order = message.order ?? this.byKey.size;
    this.byKey.set(message.key, Object.freeze({ ...DEFAULTS, ...message, order }));
  }

  update(key, change) {
    const known = this.byKey.get(key);
    if (known) this.put({ ...known, ...change });
  }

  remove(key) {
    this.byKey.delete(key);
  }

  knownAs(raw) {
    const own = raw.client_id && this.byKey.get(raw.client_id);
    if (own) return own;
    return [...this.byKey.values()].find((m) => m.epoch === this.epoch && m.id !== undefined && m.id === raw.id);
  }
}

function defined(raw) {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined && value !== null));
}
