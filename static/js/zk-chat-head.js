/* The head of the chat: who answers, that it is a machine, and the menu. */
import { h, icon } from "./zk-dom.js";

/**
 * @param {(key: string) => string} t
 * @param {{person: () => void, fresh: () => void, forget: () => void, close: (() => void) | null}} actions
 */
export function chatHead(t, actions) {
  const name = h("h2", {}, t("title"));
  const line = h("p", {}, t("aiLabel"));
  const node = h(
    "header", { class: "head" },
    h("span", { class: "avatar" }, icon("message", 20)),
    h("div", { class: "names" }, name, line),
    menu(t, [
      ["headset", "person", actions.person],
      ["plus", "fresh", actions.fresh],
      ["trash", "forget", actions.forget],
    ]),
    actions.close && h("button", { class: "icon-button", type: "button", "aria-label": t("close"), title: t("close"), onclick: actions.close }, icon("chevron-down", 20)),
  );
  return { node, name, line };
}

function menu(t, entries) {
  const list = h("div", { class: "menu", role: "menu", "aria-label": t("menu"), hidden: true });
  const button = h(
    "button",
    { class: "icon-button", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": t("menu"), title: t("menu") },
    icon("more", 20),
  );
  const toggle = (open, back = false) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) list.firstElementChild.focus();
    else if (back) button.focus();
  };
  for (const [symbol, key, act] of entries) {
    const choose = () => {
      toggle(false, true);
      act();
    };
    list.append(h("button", { type: "button", role: "menuitem", tabindex: -1, onclick: choose }, icon(symbol, 16), t(key)));
  }
  button.addEventListener("click", () => toggle(list.hidden));
  list.addEventListener("keydown", (event) => onkey(event, list, toggle));
  list.addEventListener("focusout", (event) => {
    if (!list.contains(event.relatedTarget) && event.relatedTarget !== button) toggle(false);
  });
  return h("div", { class: "menu-place" }, button, list);
}

function onkey(event, list, toggle) {
  const items = [...list.children];
  const at = items.indexOf(event.target);
  const goal = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (goal !== undefined) {
    event.preventDefault();
    items[(goal + items.length) % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.stopPropagation();
    toggle(false, event.key === "Escape");
  }
}
