// Where on its host the page is served: below which path, and what is its own of what the host's pages share.

import { byId } from "./dom.js";

export const { base_path: BASE_PATH } = JSON.parse(byId("place").textContent);

/** What is kept for this tab, under names of our own: pages below other paths of the host use the same storage. */
export const tabStorage = {
  get: (name) => sessionStorage.getItem(keyOf(name)),
  set: (name, text) => sessionStorage.setItem(keyOf(name), text),
  remove: (name) => sessionStorage.removeItem(keyOf(name)),
  clear() {
    const isOurs = (key) => (BASE_PATH ? key.startsWith(keyOf("")) : !key.startsWith("/"));
    Object.keys(sessionStorage).filter(isOurs).forEach((key) => sessionStorage.removeItem(key));
  },
};

function keyOf(name) {
  return BASE_PATH ? `${BASE_PATH}:${name}` : name;
}
