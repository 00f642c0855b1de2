/* The chat page's side of the talk with the launcher that frames it (js/widget.js is the other side).
 *
 * Every message is {zhike: 1, type, …}. To the host: ready, unread {count}, message {role}, close.
 * From the host: open {focus}, closed, resume, identify {user_token}. The host's origin comes in the frame's address; nothing is posted
 * to any other origin and nothing is heard from one. Which sites may frame at all is the server's frame-ancestors.
 */
export class FrameBridge {
  /** @param {string} origin the host page's origin */
  constructor(origin, handlers) {
    this.origin = origin;
    this.handlers = handlers;
    window.addEventListener("message", (event) => this.receive(event));
  }

  post(type, data = {}) {
    window.parent.postMessage({ zhike: 1, type, ...data }, this.origin);
  }

  receive(event) {
    if (event.source !== window.parent || event.origin !== this.origin || event.data?.zhike !== 1) return;
    this.handlers[event.data.type]?.(event.data);
  }
}

/** The host's origin off the frame's address; null when this page is not framed by a launcher. */
export function hostOrigin() {
  const named = new URLSearchParams(location.search).get("origin");
  if (window.parent === window || !named) return null;
  const real = location.ancestorOrigins?.[0];
  return real && real !== named ? null : named;
}
