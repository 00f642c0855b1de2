/* <zk-flow-undo>: offers to bring a file back as it was. Its text is too long for a header, so it lies in the page:
 * a child <script type="application/json">, with data-url, data-name, data-text and data-failed.
 */
import { ask } from "./zk-flow-ask.js";

class ZkFlowUndo extends HTMLElement {
  connectedCallback() {
    const { url, name, text, failed } = this.dataset;
    const source = JSON.parse(this.querySelector("script").textContent);
    this.remove();
    const action = async () => {
      const { ok, body } = await ask(url, { name, source }).catch(() => ({ ok: false, body: {} }));
      if (ok) window.htmx.trigger(document.body, "zk-restored");
      else document.dispatchEvent(new CustomEvent("zk-notice", { detail: { text: body.detail || failed, tone: "danger" } }));
    };
    document.dispatchEvent(new CustomEvent("zk-undo", { detail: { text, action } }));
  }
}

customElements.define("zk-flow-undo", ZkFlowUndo);
