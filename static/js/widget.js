/* Zhike launcher, served as /widget.js: one script tag puts a chat button on any site.
 *
 *   <script src="https://bot.example/widget.js" data-bot="demo" async></script>
 *
 * data-bot (required) · data-lang zh|en · data-position right|left · data-accent #hex · data-user-token (signed by the
 * bot's secret; never in an address) · data-target CSS selector: no button, the chat fills that element.
 * window.Zhike: open(), close(), toggle(), identify(token), on(event, fn) → off; events: ready, open, close, message, unread.
 * A host's Content-Security-Policy needs script-src and frame-src for the bot's origin, nothing else.
 */
(() => {
  const script = document.currentScript;
  if (!script?.dataset.bot || window.Zhike) return;
  const { bot, position = "right", accent = "", target, userToken } = script.dataset;
  const tag = script.dataset.lang || document.documentElement.lang || navigator.language;
  const lang = /^zh/i.test(tag) ? "zh" : "en";
  const origin = new URL(script.src).origin;
  const words = {
    zh: { open: "打开在线客服", close: "收起在线客服", title: "在线客服对话", unread: (n) => `，${n} 条未读消息` },
    en: { open: "Open customer support", close: "Close customer support", title: "Customer support chat", unread: (n) => `, ${n} unread` },
  }[lang];
  const phone = matchMedia("(max-width: 640px)");
  const visited = `zhike:${bot}`;
  const listeners = {};
  let token = userToken;
  let frame = null;
  let ready = false;
  let shown = false;
  let count = 0;

  const css = `
:host { all: initial; color-scheme: light dark; }
button, dialog { position: fixed; inset-inline: auto; z-index: 2147483000; box-sizing: border-box; margin: 0; padding: 0; border: 0; }
button { ${position === "left" ? "left: max(20px, env(safe-area-inset-left))" : "right: max(20px, env(safe-area-inset-right))"}; bottom: max(20px, env(safe-area-inset-bottom));
  display: grid; place-items: center; width: 56px; height: 56px; border-radius: 50%; background: var(--accent); color: #fff; cursor: pointer; box-shadow: 0 4px 16px rgb(0 0 0 / 28%); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
b { position: absolute; top: -4px; inset-inline-end: -4px; min-width: 22px; height: 22px; padding: 0 6px; box-sizing: border-box; border-radius: 11px; background: #b0241c; color: #fff; font: 600 13px/22px system-ui, sans-serif; text-align: center; }
[hidden] { display: none; }
dialog { top: auto; ${position === "left" ? "left: 20px; right: auto" : "right: 20px; left: auto"}; bottom: 88px; width: 380px; height: 640px; max-width: calc(100vw - 40px); max-height: calc(100dvh - 108px);
  overflow: hidden; border-radius: 16px; background: Canvas; box-shadow: 0 12px 40px rgb(0 0 0 / 28%); }
dialog::backdrop { background: none; }
iframe { position: relative; display: block; width: 100%; height: 100%; border: 0; }
.x { position: absolute; inset: 8px 8px auto auto; width: 44px; height: 44px; background: none; box-shadow: none; color: CanvasText; }
@media (max-width: 640px) { dialog { inset: 0; width: 100%; height: 100dvh; max-width: none; max-height: none; border-radius: 0; } }
@media (prefers-reduced-motion: no-preference) { dialog[open] { animation: rise .16s ease-out; } @keyframes rise { from { opacity: 0; translate: 0 12px; } } }
@media (forced-colors: active) { button, dialog { border: 2px solid; } }`;

  const make = (name, attributes) => {
    const node = document.createElement(name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    return node;
  };
  /** An icon out of nodes: hosts that require Trusted Types refuse innerHTML. */
  const drawn = (d) => {
    const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", true);
    path.setAttribute("d", d);
    svg.append(path);
    return svg;
  };
  const emit = (event, detail) => (listeners[event] || []).forEach((fn) => fn(detail));
  const post = (type, data) => ready && frame.contentWindow.postMessage({ zhike: 1, type, ...data }, origin);

  /** White text needs 4.5:1 on the accent: a lighter accent is darkened. */
  function readable(hex) {
    const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(hex)?.[1] ?? "0b6b5d";
    let rgb = (digits.length === 3 ? digits.replace(/./g, "$&$&") : digits).match(/../g).map((part) => parseInt(part, 16));
    const light = () =>
      rgb.map((v) => (v /= 255) && (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    while (1.05 / (light() + 0.05) < 4.5) rgb = rgb.map((v) => v * 0.95);
    return `rgb(${rgb.map(Math.round).join(" ")})`;
  }

  function load() {
    if (frame) return;
    const query = new URLSearchParams({ embed: 1, lang, origin: location.origin });
    if (accent) query.set("accent", accent);
    if (target) query.set("inline", 1);
    frame = make("iframe", { src: `${origin}/chat/${encodeURIComponent(bot)}/?${query}`, title: words.title, allow: "clipboard-write" });
    (target ? root : dialog).append(frame);
  }

  const host = document.createElement("zhike-widget");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(target ? ":host { display: block; height: 100%; } iframe { display: block; width: 100%; height: 100%; min-height: 420px; border: 0; }" : css);
  root.adoptedStyleSheets = [sheet];
  const dialog = make("dialog", { id: "panel", "aria-label": words.title });
  const button = make("button", { type: "button", id: "launcher", "aria-controls": "panel", "aria-haspopup": "dialog" });
  const escape = make("button", { type: "button", class: "x", "aria-label": words.close });
  const badge = make("b", { "aria-hidden": true });
  const bubble = drawn("M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z");
  const arrow = drawn("M6 9l6 6 6-6");
  button.append(bubble, arrow, badge);
  escape.append(drawn("M6 6l12 12M18 6L6 18"));
  dialog.append(escape);

  function name() {
    button.setAttribute("aria-expanded", shown);
    button.setAttribute("aria-label", (shown ? words.close : words.open) + (count ? words.unread(count) : ""));
    bubble.toggleAttribute("hidden", shown);
    arrow.toggleAttribute("hidden", !shown);
    badge.hidden = !count;
    badge.textContent = count > 9 ? "9+" : count;
  }

  /** On a phone the panel is modal and the page behind it inert; beside a page it is not. */
  function place() {
    dialog.close();
    if (phone.matches) dialog.showModal();
    else dialog.show();
    fit();
  }

  /** The on-screen keyboard shrinks what can be seen, not the window. */
  function fit() {
    const view = window.visualViewport;
    const full = shown && phone.matches && view;
    dialog.style.height = full ? `${view.height}px` : "";
    dialog.style.top = full ? `${view.offsetTop}px` : "";
    dialog.style.bottom = full ? "auto" : "";
  }

  function open() {
    if (shown || target) return;
    load();
    shown = true;
    count = 0;
    remember();
    place();
    name();
    frame.focus();
    post("open", { focus: true });
    emit("open");
  }

  function close() {
    if (!shown) return;
    shown = false;
    dialog.close();
    name();
    post("closed");
    button.focus();
    emit("close");
  }

  function remember() {
    try {
      localStorage.setItem(visited, 1);
    } catch {} // storage is blocked: unread messages show only after the first opening
  }

  const known = () => {
    try {
      return localStorage.getItem(visited);
    } catch {
      return null;
    }
  };

  const heard = {
    ready() {
      ready = true;
      escape.hidden = true; // the chat has a way out of its own
      if (token) post("identify", { user_token: token });
      post(shown || target ? "open" : "resume", { focus: shown });
      emit("ready");
    },
    close,
    unread(data) {
      count = data.count;
      name();
      emit("unread", count);
    },
    message: (data) => emit("message", { role: data.role }),
  };
  addEventListener("message", (event) => {
    if (event.origin === origin && event.source === frame?.contentWindow && event.data?.zhike === 1) heard[event.data.type]?.(event.data);
  });

  window.Zhike = {
    open,
    close,
    toggle: () => (shown ? close() : open()),
    identify(value) {
      token = value;
      post("identify", { user_token: value });
    },
    on(event, fn) {
      (listeners[event] ||= []).push(fn);
      return () => (listeners[event] = listeners[event].filter((other) => other !== fn));
    },
  };

  function start() {
    if (target) {
      document.querySelector(target)?.append(host);
      return load();
    }
    host.style.setProperty("--accent", readable(accent));
    root.append(button, dialog);
    document.body.append(host);
    name();
    button.addEventListener("click", () => window.Zhike.toggle());
    escape.addEventListener("click", close);
    button.addEventListener("pointerenter", load, { once: true });
    button.addEventListener("keydown", (event) => event.key === "Escape" && close());
    dialog.addEventListener("cancel", (event) => (event.preventDefault(), close()));
    phone.addEventListener("change", () => shown && place());
    window.visualViewport?.addEventListener("resize", fit);
    window.visualViewport?.addEventListener("scroll", fit);
    if (known()) (window.requestIdleCallback || setTimeout)(load);
  }

  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
