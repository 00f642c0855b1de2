/* How the parts of the flow editor speak to the server and to each other.
 *
 * Events on document: "zk-flows" {flows} after each check (null: the text cannot be read), "zk-at-line" {line} when the
 * cursor moved, "zk-line" {line} when a line is to be shown, "zk-pane" {pane} when a part of the page is.
 */

/**
 * Post a form; the answer is JSON, an error too. `source` goes as a file: a form's fields may not be that long.
 * @param {string} url
 * @param {Record<string, string | number>} values
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ok: boolean, status: number, body: any}>} rejects when the server cannot be reached
 */
export async function ask(url, values, signal) {
  const headers = { Accept: "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) {
    if (name === "source") body.append(name, new Blob([value]), "source.yaml");
    else body.append(name, value);
  }
  const response = await fetch(url, { method: "POST", headers, body, signal });
  const json = (response.headers.get("Content-Type") || "").includes("json");
  return { ok: response.ok && json, status: response.status, body: json ? await response.json() : {} };
}

export function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/** What the server put into the page for these elements: {name, revision, urls, words, lang, writable, problems, flows}. */
export function given(element) {
  return JSON.parse(document.getElementById(element.dataset.source).textContent);
}
