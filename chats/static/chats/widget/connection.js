// One client, and so one stream, for all elements of a page; its tabs share the stream, too.

import { ChatClient } from "../client/index.js";
import { TEXTS } from "./texts.js";

// Where this file is served: below a path, perhaps.
const OWN_URL = new URL("../../..", import.meta.url).href.replace(/\/$/, "");

let configured;
const configuration = new Promise((resolve) => (configured = resolve));
let connection = null;

/**
 * Say who the person is, once for the page. The elements wait for it.
 *
 * - `token`: a function that resolves with the person's JWT or token; called again when it ends.
 * - `url` of ChatServer. Default: where this script came from.
 * - `texts`: others than the English ones, see widget/texts.js.
 */
export function configureChat({ token, url = OWN_URL, texts = {} }) {
  configured({ token, url, texts: { ...TEXTS, ...texts } });
}

/** The texts and the client, which is connected; shared by all who ask. Rejects with ChatError. */
export async function connect() {
  const { token, url, texts } = await configuration;
  connection ??= open(new ChatClient({ url, token }));
  return { texts, client: await connection };
}

async function open(client) {
  try {
    const isLoaded = new Promise((resolve) => client.on("loaded", resolve));
    await client.connect();
    await isLoaded;
    return client;
  } catch (error) {
    // The next element that asks tries again.
    connection = null;
    throw error;
  }
}
