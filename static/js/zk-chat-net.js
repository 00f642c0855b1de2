/* The chat's HTTP side: one method per call of /api/v1/chat. Knows nothing of the page. */

/** The server could not be reached, or the answer broke off. Trying again is safe. */
export class Unreachable extends Error {}

/** The server answered with problem+json. */
export class Problem extends Error {
  constructor(status, body, retryAfter = 0) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.detail = body.detail || body.title || "";
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status >= 500 || this.status === 408 || this.status === 409 || this.status === 425;
  }
}

export class ChatApi {
  constructor(base = "/api/v1/chat") {
    this.base = base;
  }

  /** @returns {Promise<{token: string, conversation: string, bot: object}>} */
  createSession({ bot, locale, userToken }) {
    return this.json("POST", "/sessions", { body: { bot, locale, ...(userToken ? { user_token: userToken } : {}) } });
  }

  revoke(token) {
    return this.json("DELETE", "/sessions", { token });
  }

  history(token, after) {
    return this.json("GET", `/messages?after=${after}`, { token });
  }

  trace(token, id) {
    return this.json("GET", `/messages/${encodeURIComponent(id)}/trace`, { token });
  }

  feedback(token, id, value, reason) {
    const body = reason ? { value, reason } : { value };
    return this.json("POST", `/messages/${encodeURIComponent(id)}/feedback`, { token, body });
  }

  handoff(token) {
    return this.json("POST", "/handoff", { token, body: {} });
  }

  rating(token, score, comment) {
    return this.json("POST", "/rating", { token, body: comment ? { score, comment } : { score } });
  }

  /**
   * Sends one message and streams the turn. Falls back to the plain answer when the server or a proxy gives no
   * stream, and asks again without one when the stream breaks off: the client_id makes that safe.
   * @param {{text?: string, pick?: string, client_id: string}} body
   * @param {(event: string, data: any) => void} onevent `stage`, `delta`, `citation`, `reply`
   * @returns {Promise<object>} the answer of POST chat/messages
   */
  async send(token, body, onevent) {
    const response = await this.fetch("POST", "/messages", { token, body, accept: "text/event-stream, application/json" });
    const streams = response.headers.get("content-type")?.startsWith("text/event-stream") && response.body;
    if (!streams) return response.json();
    const answer = await readTurn(response.body, onevent);
    return answer ?? this.json("POST", "/messages", { token, body });
  }

  async json(method, path, options) {
    const response = await this.fetch(method, path, { accept: "application/json", ...options });
    return response.status === 204 ? null : response.json();
  }

  async fetch(method, path, { token, body, accept }) {
    const headers = { Accept: accept };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body), credentials: "omit" });
    } catch (error) {
      throw new Unreachable(error.message);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("retry-after"));
  return new Problem(response.status, body, Number.isFinite(seconds) ? seconds : 0);
}

/** Reads a turn off the stream; null when it ends before `done`. */
async function readTurn(stream, onevent) {
  let answer = { replies: [] };
  try {
    for await (const { event, data } of sse(stream)) {
      if (event === "error") throw new Problem(data.status ?? 500, data, data.retry_after ?? 0);
      if (event === "reply") answer = withReply(answer, data);
      if (event === "done") return { ...answer, ...data, replies: data?.replies ?? answer.replies };
      onevent(event, data);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
  }
  return null;
}

/** A `reply` event holds one reply, or the whole answer. */
function withReply(answer, data) {
  return Array.isArray(data.replies) ? { ...answer, ...data } : { ...answer, replies: [...answer.replies, data] };
}

/** The events of a text/event-stream body; data is parsed as JSON. */
export async function* sse(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += decoder.decode(value, { stream: true });
    const parts = buffer.split(/\r?\n\r?\n/);
    buffer = parts.pop();
    for (const part of parts) {
      const event = parseEvent(part);
      if (event) yield event;
    }
  }
}

function parseEvent(part) {
  let event = "message";
  const data = [];
  for (const line of part.split(/\r?\n/)) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}
