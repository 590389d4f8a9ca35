// Short notices at the edge of the page.

import { byId, el } from "./dom.js";

const SHOWN_MILLISECONDS = 6_000;
const MOST = 4;

export function toast(text, kind = "error") {
  const list = byId("toasts");
  const note = el("p", { class: `toast ${kind}`, "data-testid": "toast", onclick: () => note.remove() }, text);
  list.append(note);
  while (list.children.length > MOST) list.firstChild.remove();
  setTimeout(() => note.remove(), SHOWN_MILLISECONDS);
}
