// The dialog for a new direct conversation, a new group, or joining an open room.

import { chat } from "./chat.js";
import { avatar, byId, el } from "./dom.js";
import { aboutGroup } from "./heading.js";
import { nobody, watchSearch } from "./people.js";
import { goTo, personAddress, roomAddress } from "./route.js";
import { watchGroupForm } from "./groupform.js";
import { watchTabs } from "./tabs.js";
import { toast } from "./toast.js";

export function watchNewDialog() {
  const dialog = byId("new-dialog");
  const go = (address) => {
    dialog.close();
    goTo(address);
  };
  const people = watchSearch(
    byId("person-search"),
    byId("person-results"),
    (person) => go(personAddress(person.id)),
    { showsAll: true },
  );
  const group = watchGroupForm((room) => go(roomAddress(room.id)));
  const showTab = watchTabs(dialog.querySelector("[role=tablist]"), (name) => {
    if (name === "tab-person") people.search();
    if (name === "tab-browse") browse(go);
  });
  watchClosing(dialog);
  byId("new-conversation").onclick = () => {
    people.clear();
    group.clear();
    showTab(byId("tab-person"));
    dialog.showModal();
    byId("person-search").focus();
  };
}

/** A click on the cross or outside the dialog closes it. Escape does so by itself. */
export function watchClosing(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}

async function browse(go) {
  const list = byId("browse-results");
  list.replaceChildren(nobody("Loading…"));
  try {
    const rooms = await chat.api.getAll("/api/v1/rooms/", { joinable: true }, 2);
    const items = rooms.map((room) => roomChoice(room, () => join(room, go)));
    list.replaceChildren(...(items.length ? items : [nobody("You are in every open room there is.")]));
  } catch (error) {
    list.replaceChildren(nobody(error.message));
  }
}

async function join(room, go) {
  try {
    await chat.members.add(room.id, [chat.store.me.id]);
    await chat.store.loadRoom(room.id);
    go(roomAddress(room.id));
  } catch (error) {
    toast(error.message);
  }
}

function roomChoice(room, choose) {
  const button = el(
    "button",
    { type: "button", class: "choice", onclick: choose, "data-testid": "joinable-room", "data-room-id": room.id },
    avatar(room.name, room.id, { symbol: "hash", size: "small" }),
    el("span", { class: "name", dir: "auto" }, room.name),
    el("span", { class: "quiet", dir: "auto" }, aboutGroup(room)),
    el("span", { class: "note" }, "Join"),
  );
  return el("li", {}, button);
}
