// Where the page is served: below which path of its host, whether the server keeps the earlier texts of messages, and what
// is the page's own of what the host's pages share.

import { byId } from "./dom.js";

export const { base_path: BASE_PATH, keeps_edits: KEEPS_EDITS } = JSON.parse(byId("place").textContent);

/** Kept for this tab, or on this device, under names of our own: pages below other paths of the host use the same storage. */
export const tabStorage = storageIn(sessionStorage);
export const deviceStorage = storageIn(localStorage);

function storageIn(storage) {
  return {
    get: (name) => storage.getItem(keyOf(name)),
    set(name, text) {
      try {
        storage.setItem(keyOf(name), text);
      } catch {
        // The storage is full. The page works without what it could not store.
      }
    },
    remove: (name) => storage.removeItem(keyOf(name)),
    clear() {
      const isOurs = (key) => (BASE_PATH ? key.startsWith(keyOf("")) : !key.startsWith("/"));
      Object.keys(storage).filter(isOurs).forEach((key) => storage.removeItem(key));
    },
  };
}

function keyOf(name) {
  return BASE_PATH ? `${BASE_PATH}:${name}` : name;
}
