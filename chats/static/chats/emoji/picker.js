// Choose an emoji: by its name, from the recent ones, or from the groups. Arrows move in the grid.

import { el } from "../dom.js";
import { openPopup } from "../popup.js";
import { toast } from "../toast.js";
import { recentEmoji } from "./recent.js";

const MOST_FOUND = 120;
let loading = null;

/** `choose(emoji)` is called once, if at all. */
export async function openEmojiPicker(anchor, choose, { returnFocus = anchor } = {}) {
  const groups = await loadGroups().catch(() => null);
  if (!groups) return toast("The emoji could not be loaded.");
  if (anchor.isConnected === false) return;
  const all = groups.flatMap((group) => group.items);
  const known = new Map(all.map((item) => [item.emoji, item]));
  const recent = recentEmoji().map((emoji) => known.get(emoji)).filter(Boolean);
  const sections = [{ name: "Recent", symbol: "🕘", items: recent }, ...groups];

  const search = el("input", { type: "search", placeholder: "Search emoji", "aria-label": "Search emoji", autocomplete: "off", "data-testid": "emoji-search" });
  const grid = el("div", { class: "emoji-grid", "data-testid": "emoji-grid" });
  const name = el("p", { class: "emoji-name", role: "status" }, "Pick an emoji");
  const headings = new Map();
  const tabs = sections.map((section) => {
    const go = () => {
      search.value = "";
      draw();
      headings.get(section).scrollIntoView({ block: "start" });
    };
    return el("button", { type: "button", "aria-label": section.name, title: section.name, onclick: go }, section.symbol);
  });
  const popup = el("div", { class: "popup emoji-picker", role: "dialog", "aria-label": "Emoji", tabindex: "-1", "data-testid": "emoji-picker" }, search, el("div", { class: "emoji-tabs" }, ...tabs), grid, name);

  const button = ({ emoji, names }) => el("button", { type: "button", tabindex: "-1", "aria-label": names, "data-emoji": emoji }, emoji);
  const section = (each) => {
    const heading = el("p", { class: "emoji-group" }, each.name);
    headings.set(each, heading);
    return [heading, el("div", { class: "emoji-row" }, ...each.items.map(button))];
  };
  const draw = () => {
    const words = search.value.trim().toLowerCase();
    const found = words ? all.filter(({ names }) => names.toLowerCase().includes(words)).sort(byMatch(words)).slice(0, MOST_FOUND) : null;
    if (found?.length === 0) grid.replaceChildren(el("p", { class: "empty" }, "No emoji has this name."));
    else grid.replaceChildren(...(found ? section({ name: "Found", items: found }) : sections.flatMap(section)));
    grid.querySelector("button")?.setAttribute("tabindex", "0");
  };
  const take = (emoji) => {
    close();
    choose(emoji);
  };
  search.oninput = draw;
  search.onkeydown = (event) => {
    const first = grid.querySelector("button");
    if (event.key === "Enter" && first) take(first.dataset.emoji);
    else if (event.key === "ArrowDown") first?.focus();
    else return;
    event.preventDefault();
  };
  grid.onclick = ({ target }) => target.dataset.emoji && take(target.dataset.emoji);
  grid.addEventListener("keydown", (event) => moveIn(grid, event) && event.preventDefault());
  const tell = ({ target }) => target.dataset.emoji && (name.textContent = `${target.dataset.emoji} ${target.ariaLabel}`);
  grid.onpointerover = tell;
  grid.addEventListener("focusin", tell);
  draw();
  const close = openPopup(popup, anchor, { returnFocus });
  // On a phone, the focus of the search would open the keyboard, which covers the emoji.
  const first = matchMedia("(pointer: coarse)").matches ? popup : search;
  first.focus({ preventScroll: true });
}

/** The emoji of Unicode 15.1 in its order, without skin tones, and the names by which they are found; loaded once. They are
 * from the tables of the packages unicode-emoji-json 0.9.0 (MIT) and emoji 2.16.0 (BSD). */
function loadGroups() {
  loading ??= fetchGroups().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function fetchGroups() {
  const answer = await fetch(new URL("groups.json", import.meta.url));
  const groups = await answer.json();
  return groups.map(([name, symbol, items]) => ({ name, symbol, items: items.split("|").map(asItem) }));
}

function asItem(text) {
  const space = text.indexOf(" ");
  return { emoji: text.slice(0, space), names: text.slice(space + 1) };
}

/** Those whose name begins so come first. */
function byMatch(words) {
  const rank = ({ names }) => (names.split(", ").some((one) => one.toLowerCase().startsWith(words)) ? 0 : 1);
  return (one, other) => rank(one) - rank(other);
}

/** Whether the key moved the focus to another emoji of the grid. */
function moveIn(grid, { key, target }) {
  const all = [...grid.querySelectorAll("button")];
  const now = all.indexOf(target);
  const forward = getComputedStyle(grid).direction === "rtl" ? -1 : 1;
  const next = { ArrowRight: now + forward, ArrowLeft: now - forward, Home: 0, End: all.length - 1 }[key] ?? rowStep(all, now, { ArrowDown: 1, ArrowUp: -1 }[key]);
  if (next === null || !all[next]) return false;
  all[now].tabIndex = -1;
  all[next].tabIndex = 0;
  all[next].focus();
  return true;
}

/** The nearest one in the row below or above. */
function rowStep(all, now, step) {
  if (!step) return null;
  const { offsetLeft, offsetTop } = all[now];
  for (let index = now + step; all[index]; index += step) {
    const isOther = all[index].offsetTop !== offsetTop;
    if (isOther && Math.abs(all[index].offsetLeft - offsetLeft) < 8) return index;
  }
  return null;
}
