/* The live socket: authenticates with the first frame, resumes after a seq, and comes back by itself.
 *
 * Waits 1, 2, 4 … 30 s (±30 %) between tries; at once when the browser is back online or the page is looked at again.
 */

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const HEARTBEAT = 45_000;
const UNAUTHORISED = 4401;

export class LiveSocket {
  /**
   * @param {object} options
   * @param {string} options.url
   * @param {() => {token: string, after: number}} options.hello read anew at every connection
   * @param {(frame: any) => void} options.onframe
   * @param {(status: "connecting" | "live" | "down", tries: number) => void} options.onstatus
   * @param {() => void} options.onunauthorised the server closed for want of a good token; call again() or stop()
   * @param {() => number} [options.random]
   */
  constructor({ url, hello, onframe, onstatus, onunauthorised, random = Math.random }) {
    Object.assign(this, { url, hello, onframe, onstatus, onunauthorised, random });
    this.socket = null;
    this.timer = 0;
    this.tries = 0;
    this.stopped = true;
    this.wake = () => document.visibilityState === "visible" && navigator.onLine && this.reconnect();
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    for (const [target, event] of this.wakers()) target.addEventListener(event, this.wake);
    this.beat = setInterval(() => this.send({ type: "ping" }), HEARTBEAT); // middleboxes drop what is silent for a minute
    this.connect();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.beat);
    for (const [target, event] of this.wakers()) target.removeEventListener(event, this.wake);
    this.drop();
  }

  wakers() {
    return [[window, "online"], [window, "pageshow"], [document, "visibilitychange"]];
  }

  get live() {
    return this.socket?.readyState === WebSocket.OPEN && this.ready === true;
  }

  /** Sends a frame when live; says whether it did. */
  send(frame) {
    if (!this.live) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Tries at once unless connected; the wait starts over. */
  reconnect() {
    if (this.stopped || this.live || this.socket?.readyState === WebSocket.CONNECTING) return;
    this.tries = 0;
    this.connect();
  }

  drop() {
    const old = this.socket;
    this.socket = null;
    this.ready = false;
    if (!old) return;
    old.onopen = old.onmessage = old.onclose = null;
    old.close();
  }

  connect() {
    clearTimeout(this.timer);
    this.drop();
    this.onstatus("connecting", this.tries);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", ...this.hello() }));
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = (event) => this.closed(event.code);
  }

  receive(data) {
    const frame = JSON.parse(data);
    if (frame.type === "ready") {
      this.ready = true;
      this.tries = 0;
      this.onstatus("live", 0);
    }
    this.onframe(frame);
  }

  closed(code) {
    this.socket = null;
    this.ready = false;
    if (this.stopped) return;
    this.tries += 1;
    this.onstatus("down", this.tries);
    if (code === UNAUTHORISED) this.onunauthorised();
    else this.again();
  }

  /** Tries anew after the wait. */
  again() {
    if (this.stopped) return;
    const wait = Math.min(FIRST_WAIT * 2 ** (this.tries - 1), LONGEST_WAIT);
    this.timer = setTimeout(() => this.connect(), wait * (0.7 + 0.6 * this.random()));
  }
}
