// Requests: JSON in, JSON out, with the credential. After a 401 a token is renewed once, and the request repeated.

import { asChatError, ChatError, errorOf } from "./errors.js";

const TIMEOUT = 15_000;
/** So many results of a list, or ids asked for, are in one answer at most. */
export const LARGEST_PAGE = 100;

/**
 * @template Item
 * @typedef {{results: Item[], next: number | string | null, previous: number | string | null}} ListPage
 */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Query */

export class Api {
  /**
   * @param {{
   *   url: string,
   *   credential: import("./credential.js").Credential,
   *   clock: import("./clock.js").Clock,
   *   fetch: typeof globalThis.fetch,
   * }} options
   */
  constructor({ url, credential, clock, fetch }) {
    this.url = url.replace(/\/+$/, "");
    this.credential = credential;
    this.clock = clock;
    this.fetch = fetch;
    /** Called when a request is 401, and no other token helps. */
    this.onrefused = () => {};
  }

  /**
   * Call, and return the JSON of the answer, null where it has none. Throws ChatError.
   * @param {string} method
   * @param {string} path such as "/api/v1/rooms/"
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async request(method, path, body) {
    const stop = new AbortController();
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const init = { method, headers, signal: stop.signal, body: body === undefined ? undefined : JSON.stringify(body) };
    const timer = this.clock.setTimeout(() => stop.abort(), TIMEOUT);
    try {
      const response = await this.send(path, init);
      const answer = parsed(await response.text());
      // Not the server's answer, but the sign-in page of a network, for instance.
      if (response.ok && answer === undefined) throw new ChatError(0);
      if (response.ok) return answer;
      throw errorOf(response, answer, this.clock.now());
    } catch (error) {
      throw asChatError(error);
    } finally {
      this.clock.clearTimeout(timer);
    }
  }

  /**
   * The answer to a request with the credential, as it is.
   * @param {string} path
   * @param {RequestInit & {headers: Record<string, string>}} init
   * @returns {Promise<Response>}
   */
  async send(path, init) {
    for (let isFirst = true; ; isFirst = false) {
      const token = await this.#token();
      const headers = { ...init.headers, ...this.#headers(token, init.method) };
      const credentials = token === null ? "same-origin" : "omit";
      // A method of window: it refuses to be called as one of anything else.
      const { fetch } = this;
      const response = await fetch(this.url + path, { ...init, headers, credentials, cache: "no-store" });
      if (response.status !== 401) return response;
      this.credential.drop(token);
      if (!isFirst || !this.credential.isRenewable) {
        this.onrefused();
        return response;
      }
      await response.body?.cancel();
    }
  }

  /**
   * @param {string} path
   * @param {Query} [query]
   * @returns {Promise<any>}
   */
  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.request("GET", text ? `${path}?${text}` : path);
  }

  /**
   * All results of a list, page by page, up to so many pages; those after the `after` of the query, if it has one.
   * @param {string} path
   * @param {Query} [query]
   * @param {number} [maxPages]
   * @returns {Promise<any[]>}
   */
  async getAll(path, query = {}, maxPages = 10) {
    const results = [];
    let after = query.after;
    for (let page = 0; page < maxPages; page += 1) {
      const answer = await this.get(path, { ...query, limit: LARGEST_PAGE, after });
      results.push(...answer.results);
      after = answer.next;
      if (after === null || after === undefined) break;
    }
    return results;
  }

  async #token() {
    try {
      return await this.credential.token();
    } catch (error) {
      if (error instanceof ChatError && error.status === 401) this.onrefused();
      throw error;
    }
  }

  /**
   * @param {string | null} token
   * @param {string} [method]
   * @returns {Record<string, string>}
   */
  #headers(token, method = "GET") {
    if (token !== null) return { Authorization: `Bearer ${token}` };
    return method === "GET" ? {} : { "X-CSRFToken": this.#csrfToken() };
  }

  /** Below a path, the server's cookies are named after it: csrftoken_chat. */
  #csrfToken() {
    const path = new URL(`${this.url}/`, globalThis.location?.href ?? "http://localhost").pathname.replace(/\/+$/, "");
    const start = `csrftoken${path.replaceAll("/", "_")}=`;
    const found = globalThis.document?.cookie.split("; ").find((pair) => pair.startsWith(start));
    return found ? decodeURIComponent(found.slice(start.length)) : "";
  }
}

/** Undefined if the text is not JSON. @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return undefined;
  }
}
