// Ctrl+K: to a room or a person by some letters of the name.

import { chat } from "./chat.js";
import { avatar, byId, el } from "./dom.js";
import { peerOf, personName, roomName } from "./names.js";
import { watchClosing } from "./newdialog.js";
import { goTo, personAddress, roomAddress } from "./route.js";

const MOST = 8;
const DELAY = 150;

export function watchSwitcher() {
  const [dialog, input, list] = [byId("switcher"), byId("switcher-search"), byId("switcher-results")];
  let people = [];
  /** The query that found them, in lower case. */
  let query = "";
  let chosen = 0;
  let timer = null;

  const go = (address) => {
    dialog.close();
    goTo(address);
  };
  const draw = () => {
    const words = input.value.trim().toLowerCase();
    const rooms = matching(chat.store.roomList(), words).slice(0, MOST);
    const known = new Set(rooms.map((room) => peerOf(room)?.id));
    // Results of the query before stay, as far as they match what is written now.
    const fits = ({ id, username }) => !known.has(id) && id !== chat.store.me.id && (words === query || username.toLowerCase().startsWith(words));
    const others = words ? people.filter(fits).slice(0, MOST) : [];
    const items = [
      ...rooms.map((room) => ({ name: roomName(room), address: roomAddress(room.id), face: faceOf(room), unread: room.unread })),
      ...others.map((person) => ({ name: personName(person), address: personAddress(person.id), face: { tone: person.id }, about: `@${person.username}` })),
    ];
    chosen = Math.max(0, Math.min(chosen, items.length - 1));
    list.replaceChildren(...items.map((item, index) => option(item, index, chosen, go)));
    byId("switcher-none").hidden = items.length > 0;
    const active = list.children[chosen];
    if (active) input.setAttribute("aria-activedescendant", active.id);
    else input.removeAttribute("aria-activedescendant");
    active?.scrollIntoView({ block: "nearest" });
  };
  const search = async () => {
    const q = input.value.trim();
    if (!q) return;
    const found = await chat.people.list({ q, limit: MOST }).catch(() => ({ results: [] }));
    if (q !== input.value.trim()) return;
    people = found.results;
    query = q.toLowerCase();
    people.forEach((person) => chat.store.know(person));
    draw();
  };
  const open = () => {
    input.value = "";
    people = [];
    chosen = 0;
    draw();
    if (!dialog.open) dialog.showModal();
    input.focus();
  };

  input.oninput = () => {
    chosen = 0;
    draw();
    clearTimeout(timer);
    timer = setTimeout(search, DELAY);
  };
  input.onkeydown = (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) chosen = (chosen + step + list.children.length) % (list.children.length || 1);
    if (step) draw();
    else if (event.key === "Escape") dialog.close();
    else if (event.key === "Enter") list.children[chosen]?.click();
    else return;
    event.preventDefault();
  };
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else if (!document.querySelector("dialog[open]")) open();
  });
  byId("open-switcher").onclick = open;
  watchClosing(dialog);
}

/** Those whose name begins so come first; with nothing to look for, those with something unread. */
function matching(rooms, words) {
  if (!words) return [...rooms].sort((one, other) => Number(other.unread > 0) - Number(one.unread > 0));
  const rank = (room) => {
    const place = roomName(room).toLowerCase().indexOf(words);
    return place < 0 ? Infinity : Math.min(place, 1);
  };
  return rooms.filter((room) => rank(room) < Infinity).sort((one, other) => rank(one) - rank(other));
}

function faceOf(room) {
  const peer = peerOf(room);
  return peer ? { tone: peer.id, status: chat.store.statusOf(peer.id) } : { tone: room.id, symbol: room.kind === "open" ? "hash" : "lock" };
}

function option({ name, address, face, about, unread }, index, chosen, go) {
  return el(
    "li",
    { id: `switcher-${index}`, role: "option", class: "choice", "aria-selected": String(index === chosen), "data-testid": "switcher-option", onclick: () => go(address) },
    avatar(name, face.tone, { ...face, size: "small" }),
    el("span", { class: "name", dir: "auto" }, name),
    about ? el("span", { class: "quiet", dir: "auto" }, about) : null,
    unread ? el("span", { class: "note" }, `${unread} unread`) : null,
  );
}
