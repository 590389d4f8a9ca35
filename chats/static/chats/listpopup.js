// A list that floats beside what opened it, and is fetched when somebody looks.

import { el } from "./dom.js";
import { nobody } from "./people.js";
import { openPopup } from "./popup.js";

/** `load()` returns the items, or throws ChatError; `whenEmpty` is said where there are none. */
export async function openListPopup(anchor, { title, load, whenEmpty, returnFocus = anchor, testid }) {
  const list = el("ul", { "aria-busy": "true" }, nobody("Loading…"));
  const popup = el("div", { class: "popup listing", role: "dialog", "aria-label": title, tabindex: "0", "data-testid": testid }, el("h2", {}, title), list);
  const close = openPopup(popup, anchor, { returnFocus });
  // All that it has is to be read.
  popup.onkeydown = (event) => {
    if (event.key !== "Tab") return;
    event.preventDefault();
    close();
  };
  popup.focus({ preventScroll: true });
  try {
    const items = await load();
    list.replaceChildren(...(items.length ? items : [nobody(whenEmpty)]));
  } catch (error) {
    list.replaceChildren(nobody(error.message));
  }
  list.removeAttribute("aria-busy");
}
