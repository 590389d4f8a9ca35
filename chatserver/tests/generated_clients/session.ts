// A session with the client of openapi-typescript and openapi-fetch: node session.js <url> <username> <password>.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

const [baseUrl, username, password] = process.argv.slice(2) as [string, string, string];

function assert(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(what);
}

/** The data of an answer that has to be a success. */
function data<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const nobody = createClient<paths>({ baseUrl });
const registered = data(await nobody.POST("/api/v1/users/", { body: { username, password } }));
const { token, user } = data(await nobody.POST("/api/v1/tokens/", { body: { username, password } }));
assert(user.id === registered.id, "who registered signs in");
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

const room = data(await api.POST("/api/v1/rooms/", { body: { name: "Launch", kind: "closed" } }));
const posted: components["schemas"]["Message"][] = [];
for (const message of ["one", "two", "three"]) {
  posted.push(data(await api.POST("/api/v1/chats/", { body: { room_id: room.id, message, client_message_id: message } })));
}
assert(posted[0]!.sender.username === username, "a message has its sender");

const path = { room_id: room.id };
const newest = data(await api.GET("/api/v1/rooms/{room_id}/messages/", { params: { path, query: { limit: 2 } } }));
assert(newest.previous !== null, "there is a page before");
const before = { limit: 2, before: newest.previous };
const oldest = data(await api.GET("/api/v1/rooms/{room_id}/messages/", { params: { path, query: before } }));
const texts = [...oldest.results, ...newest.results].map((each) => each.message);
assert(texts.join() === "one,two,three", `two pages have all messages: ${texts}`);
const online = await api.GET("/api/v1/users/online/", { params: { query: { ids: [user.id, 999] } } });
assert(data(online).results.length === 0, "nobody has a stream");

const again = { room_id: room.id, message: "another", client_message_id: "one" };
const refused = await api.POST("/api/v1/chats/", { body: again });
assert(refused.response.status === 409 && refused.error !== undefined, "a used id is refused");
// @ts-expect-error - no code of this operation
assert(refused.error.code !== "last_owner", "codes are those of the operation");
assert(refused.error.code === "client_message_id_used", `not for this: ${refused.error.code}`);
const stranger = await nobody.GET("/api/v1/rooms/");
assert(stranger.error?.code === "not_authenticated", `not for this: ${stranger.error?.code}`);
const missing = await api.GET("/api/v1/rooms/{id}/", { params: { path: { id: 999_999_999 } } });
assert(missing.response.status === 404, "nobody's room is not there");
const { response } = await api.DELETE("/api/v1/tokens/current/");
assert(response.status === 204, "and the session ends");
