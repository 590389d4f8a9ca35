// Calls to the service, with the session cookie. Writes carry the CSRF token.

import { addressOf, CSRF_COOKIE } from "./place.js";

const TIMEOUT_MILLISECONDS = 15_000;
/** So many results of a list, or ids asked for, are in one answer at most. */
export const LARGEST_PAGE = 100;

/** An unsuccessful answer. `status` 0: there was no answer. */
export class ApiError extends Error {
  constructor(status, problem = {}, retryAfter = null) {
    super(problem.detail ?? (status ? `The server answered ${status}.` : "The server can't be reached."));
    this.status = status;
    this.code = problem.code ?? null;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

let signedOut = () => {};

/** Called when the API says that the session has ended. */
export function onSignedOut(callback) {
  signedOut = callback;
}

/** Call and return the JSON of the answer (null for 204). Throws ApiError. */
export async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = cookie(CSRF_COOKIE);
  let response, text;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    response = await fetch(addressOf(path), { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
    text = await response.text();
  } catch {
    throw new ApiError(0);
  }
  const answer = parsed(text);
  if (response.ok) return answer;
  if (response.status === 401 && path.startsWith("/api/")) signedOut();
  throw new ApiError(response.status, answer ?? {}, Number(response.headers.get("Retry-After")) || null);
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const remove = (path) => call("DELETE", path);

/** All results of a key-paged list, `next` by `next`, up to so many pages. */
export async function getAll(path, maxPages = 10) {
  const results = [];
  let after = "";
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await get(`${path}${path.includes("?") ? "&" : "?"}limit=${LARGEST_PAGE}${after}`);
    results.push(...answer.results);
    if (answer.next === null || answer.next === undefined) break;
    after = `&after=${answer.next}`;
  }
  return results;
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function cookie(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
