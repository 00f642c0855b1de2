/* The landing page: an example question goes straight into the live chat. */
const chat = document.querySelector("zk-chat");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

for (const button of document.querySelectorAll("[data-ask]")) {
  button.addEventListener("click", () => {
    chat?.say(button.textContent.trim());
    document.getElementById("live").scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  });
}
