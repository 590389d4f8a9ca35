// Whether the page is live, said in a word, and who I am.

import { avatar, byId, el } from "./dom.js";
import { personName } from "./names.js";

const WORDS = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…", crowded: "Paused" };

export function showConnection(state, stream) {
  const place = byId("connection");
  const show = (now) => {
    place.dataset.state = document.body.dataset.connection = now;
    place.replaceChildren(WORDS[now]);
    // On a phone the list, and the word above it, is out of sight while a conversation is open.
    byId("banner").textContent = WORDS[now];
    byId("banner").hidden = now === "live" || now === "connecting";
    if (now !== "crowded") return;
    const wake = el("button", { type: "button", class: "link", onclick: () => stream.open() }, "Use this window");
    place.append(" in too many windows. ", wake);
  };
  stream.addEventListener("state", ({ detail }) => show(detail));
  show("connecting");

  const showMe = () => {
    byId("me-name").textContent = personName(state.me);
    byId("me-avatar").replaceChildren(avatar(personName(state.me), state.me.id));
  };
  state.addEventListener("people", showMe);
  showMe();
}
