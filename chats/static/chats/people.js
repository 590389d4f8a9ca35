// Finds people by the beginning of their username.

import { chat } from "./chat.js";
import { avatar, el } from "./dom.js";
import { personName } from "./names.js";

const DELAY = 200;
const MOST = 20;

/** Fill `list` with people as one types into `input`; choose(person) is called with the one that was clicked. */
export function watchSearch(input, list, choose, { isLeftOut = () => false, showsAll = false } = {}) {
  let timer = null;
  let attempt = 0;
  /** The query whose results the list shows; null while it shows none. */
  let listed = null;

  const clearList = () => {
    listed = null;
    list.replaceChildren();
  };
  const search = async () => {
    const mine = (attempt += 1);
    const query = input.value.trim();
    if (!query && !showsAll) return clearList();
    try {
      const { results } = await chat.people.list({ q: query, limit: MOST });
      if (mine !== attempt) return;
      results.forEach((person) => chat.store.know(person));
      const people = results.filter((person) => person.id !== chat.store.me.id && !isLeftOut(person));
      const items = people.map((person) => personChoice(person, () => choose(person)));
      list.replaceChildren(...(items.length ? items : [nobody("Nobody found.")]));
      listed = query;
    } catch (error) {
      if (mine === attempt) list.replaceChildren(nobody(error.message));
    }
  };

  input.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(search, DELAY);
  };
  input.onkeydown = async (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    // The list may still show the results of an earlier query.
    if (listed !== input.value.trim()) await search();
    if (listed === input.value.trim()) list.querySelector("button")?.click();
  };
  return {
    search,
    clear() {
      attempt += 1;
      input.value = "";
      clearList();
    },
  };
}

export const nobody = (text) => el("li", { class: "empty" }, text);

export function personChoice(person, choose, note = null) {
  const name = personName(person);
  const status = person.id === chat.store.me.id ? "online" : chat.store.statusOf(person.id);
  const handle = name === person.username ? null : el("span", { class: "quiet", dir: "auto" }, `@${person.username}`);
  const button = el(
    "button",
    { type: "button", class: "choice", onclick: choose, "data-testid": "person-choice", "data-user-id": person.id },
    avatar(name, person.id, { status, size: "small" }),
    el("span", { class: "name", dir: "auto" }, name),
    handle,
    note ? el("span", { class: "note" }, note) : null,
  );
  return el("li", {}, button);
}
