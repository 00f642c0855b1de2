/* <zk-follow>: the end of a conversation that is going on. It comes into view when it is new on the page, unless the
 * reader has scrolled away from the end; a part that htmx swaps in brings a new one each time.
 */
const NEAR_PX = 240;
const FIRST = Symbol("first");
let reading = FIRST;

addEventListener("scroll", () => (reading = document.documentElement.scrollHeight - innerHeight - scrollY > NEAR_PX), { passive: true });

class ZkFollow extends HTMLElement {
  connectedCallback() {
    if (reading === true) return;
    requestAnimationFrame(() => scrollTo({ top: document.documentElement.scrollHeight, behavior: reading === FIRST ? "instant" : "smooth" }));
  }
}

customElements.define("zk-follow", ZkFollow);
