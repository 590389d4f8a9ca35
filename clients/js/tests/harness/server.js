// A small ChatServer: one room, a log, a stream that resumes. It fails as a test wants it to.

import { createServer } from "node:http";

export const ME = { id: 1, username: "Adam", display_name: "", avatar_url: "", is_deleted: false };
export const KYLE = { id: 2, username: "Kyle", display_name: "", avatar_url: "", is_deleted: false };
const AT = "2026-11-28T12:00:00Z";

export class FakeServer {
  messages = [];
  log = [];
  position = 100;
  /** Positions up to here are not in the log any more. */
  trimmed = 0;
  readSeq = 0;
  expiresAt = null;
  /** Null: all tokens are good. */
  goodToken = null;
  requests = [];
  /** Each is asked with (request, response), the first one first, until one returns true: it has answered. */
  faults = [];
  streams = new Set();
  retry = 3000;
  #server = null;
  #port = 0;

  async start() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = this.#server.address().port;
    return this;
  }

  /** As a crash: all sockets end at once. */
  async stop() {
    this.streams.clear();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The next request to this path gets this answer instead. */
  failOnce(path, status, headers = {}) {
    const fault = (request, response) => {
      if (!request.url.startsWith(path)) return false;
      this.faults.splice(this.faults.indexOf(fault), 1);
      response.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
      response.end(JSON.stringify({ status, code: `code_${status}`, detail: `Answer ${status}.` }));
      return true;
    };
    this.faults.push(fault);
  }

  /** The next request to this path waits, until the test answers it. Returns whether it `isThere`, and answer(). */
  holdOnce(path) {
    let held = null;
    const fault = (request, response) => {
      if (!request.url.startsWith(path)) return false;
      this.faults.splice(this.faults.indexOf(fault), 1);
      held = response;
      return true;
    };
    this.faults.push(fault);
    return {
      isThere: () => held !== null,
      answer(status, body) {
        held.writeHead(status, { "Content-Type": "application/json" });
        held.end(JSON.stringify(body));
      },
    };
  }

  /** The next stream breaks off after so many bytes. */
  cutOnce(bytes) {
    this.cutAfter = bytes;
  }

  requestsTo(path) {
    return this.requests.filter((request) => request.url.startsWith(path));
  }

  post(text, sender = KYLE, clientMessageId = null) {
    const message = this.#message(text, sender, clientMessageId);
    this.messages.push(message);
    this.emit("message.created", message);
    return message;
  }

  remove(seq) {
    const message = { ...this.messages[seq - 1], message: "", version: 2, removed_at: AT };
    this.messages[seq - 1] = message;
    this.emit("message.deleted", message);
  }

  emit(type, data, roomId = 3) {
    this.position += 1;
    const event = { position: this.position, type, room_id: roomId, actor_id: 2, at: AT, data };
    this.log.push(event);
    this.send(frameOf(event));
  }

  /** Bytes for all streams. */
  send(text) {
    this.streams.forEach((stream) => stream.write(text));
  }

  bye(reason) {
    this.send(`retry: ${this.retry}\nevent: bye\ndata: ${JSON.stringify({ type: "bye", reason })}\n\n`);
    this.streams.forEach((stream) => stream.end());
    this.streams.clear();
  }

  room() {
    return {
      id: 3, kind: "closed", name: "Launch", description: "", people: null, created_at: AT, archived_at: null,
      last_active_at: AT, last_seq: this.messages.length, main_seq: this.messages.length,
      members_count: 2, role: "member", read_seq: this.readSeq, read_main_seq: this.readSeq,
      unread: this.messages.length - this.readSeq, mentions: 0, me: null, last_message: this.messages.at(-1) ?? null,
    };
  }

  #message(text, sender, clientMessageId) {
    const seq = this.messages.length + 1;
    return {
      id: 1000 + seq, room_id: 3, seq, main_seq: seq, sent_by: sender.id, received_by: null, message: text, sent_at: AT,
      client_message_id: clientMessageId, removed_at: null, version: 1, edited_at: null, sender,
    };
  }

  async #answer(request, response) {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = text ? JSON.parse(text) : null;
    const token = request.headers.authorization?.replace("Bearer ", "");
    this.requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    if (this.faults.some((fault) => fault(request, response, body))) return;
    const json = (status, answer) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(answer === null ? undefined : JSON.stringify(answer));
    };
    if (this.goodToken !== null && token !== this.goodToken) return json(401, { code: "invalid_token", detail: "No." });
    const { pathname, searchParams } = new URL(request.url, this.url);
    const page = (results) => json(200, { results, next: null, previous: null });
    if (pathname === "/api/v1/session/") return json(200, { user: ME, credential: "token", expires_at: this.expiresAt });
    if (pathname === "/api/v1/stream") return this.#stream(request, response);
    if (pathname === "/api/v1/sync/") return json(200, { position: 0, me: ME, is_staff: true, rooms: [this.room()], next: null, people: [], blocks: [], invitations: [] });
    if (pathname === "/api/v1/rooms/") return page([this.room()]);
    if (pathname === "/api/v1/rooms/3/") return json(200, this.room());
    if (pathname === "/api/v1/users/online/") return page([ME]);
    if (pathname === "/api/v1/rooms/3/messages/") return json(200, this.#history(searchParams));
    if (pathname === "/api/v1/chats/") return json(...this.#take(body));
    if (pathname === "/api/v1/rooms/3/read-marker/") {
      this.readSeq = body.seq ?? body.unread_from - 1001;
      return json(200, { room_id: 3, seq: this.readSeq, read_main_seq: this.readSeq, unread: this.messages.length - this.readSeq });
    }
    if (pathname === "/api/v1/messages/1001/readers/") return page([KYLE]);
    if (pathname === "/api/v1/messages/1001/edits/") return page([{ id: 1, version: 1, message: "before", replaced_at: AT }]);
    if (pathname === "/api/v1/rooms/3/members/1/") return json(204, null);
    if (pathname === "/api/v1/read-marker/") return json(204, null);
    return json(404, { code: "not_found", detail: "Not found." });
  }

  #take({ message, client_message_id: id }) {
    const known = this.messages.find((each) => each.client_message_id === id && id);
    if (known) return [200, known];
    const made = this.post(message, ME, id);
    this.readSeq = made.seq;
    return [201, made];
  }

  #history(query) {
    const limit = Number(query.get("limit"));
    const after = Number(query.get("after") ?? 0) - 1000;
    const before = Number(query.get("before") ?? Infinity) - 1000;
    let found = this.messages.filter(({ seq }) => seq > after && seq < before);
    found = query.has("after") ? found.slice(0, limit) : found.slice(-limit);
    const [first, last] = [found[0], found.at(-1)];
    return { results: found.map((message) => ({ ...message, reactions: [], thread: null })), next: last && last.seq < this.messages.length ? last.id : null, previous: first && first.seq > 1 ? first.id : null };
  }

  #stream(request, response) {
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
    const lastId = Number(request.headers["last-event-id"] ?? NaN);
    const resumes = lastId >= this.trimmed && lastId <= this.position;
    const begin = resumes ? lastId : this.position;
    const hello = { type: "hello", position: begin, user_id: ME.id, resumed: resumes };
    let text = `retry: ${this.retry}\nid: ${begin}\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`;
    if (resumes) text += this.log.filter(({ position }) => position > lastId).map(frameOf).join("");
    else if (!Number.isNaN(lastId)) text += `id: ${begin}\nevent: reset\ndata: {"type":"reset","reason":"trimmed","position":${begin}}\n\n`;
    if (this.cutAfter !== undefined) {
      const bytes = Buffer.from(text).subarray(0, this.cutAfter);
      this.cutAfter = undefined;
      return response.write(bytes, () => setImmediate(() => response.destroy()));
    }
    response.write(text);
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }
}

function frameOf(event) {
  return `id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A JWT whose signature nobody checks here. */
export function jwt(expiry, name = "") {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: "Zoë ÿ" + name, exp: expiry / 1000 })}.${part("x")}`;
}
