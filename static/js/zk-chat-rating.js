/* The question for a rating after a person has helped or the conversation has ended. */
import { h } from "./zk-dom.js";

/**
 * @param {(key: string, values?: object) => string} t
 * @param {(score: number, comment: string) => void} send
 * @param {() => void} skip
 */
export function ratingCard(t, send, skip) {
  const submit = h("button", { class: "solid", type: "submit", disabled: true }, t("rateSend"));
  const comment = h("textarea", { "aria-label": t("rateComment"), placeholder: t("rateComment"), maxlength: 1000 });
  const score = (value) =>
    h(
      "label", { class: "score" },
      h("input", { type: "radio", name: "score", value, "aria-label": t("rateStars", { score: value }), onchange: () => (submit.disabled = false) }),
      String(value),
    );
  const form = h(
    "form", { class: "rating" },
    h("h3", { id: "rate" }, t("rateAsk")),
    h("div", { class: "scores", role: "radiogroup", "aria-labelledby": "rate", "aria-describedby": "scale" }, ...[1, 2, 3, 4, 5].map(score)),
    h("small", { id: "scale" }, t("rateScale")),
    comment,
    h("div", { class: "actions" }, submit, h("button", { class: "link", type: "button", onclick: skip }, t("skip"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(Number(form.elements.score.value), comment.value.trim());
  });
  return form;
}
