// Shows whether the page is connected, and who is signed in.

import { chat } from "./chat.js";
import { avatar, byId, el } from "./dom.js";
import { personName } from "./names.js";

const WORDS = { connecting: "Connecting…", live: "Live", reconnecting: "Reconnecting…", crowded: "Paused", closed: "Signed out" };

export function showConnection() {
  const place = byId("connection");
  const say = (element, now) => {
    element.replaceChildren(WORDS[now]);
    if (now !== "crowded") return;
    const open = () => chat.takeStream();
    element.append(" ", el("button", { type: "button", class: "link", "data-testid": "use-window", onclick: open }, "Use this window"));
    element.title = "You have too many windows open.";
  };
  const show = (now) => {
    place.dataset.state = document.body.dataset.connection = now;
    say(place, now);
    // On a phone the list, and the state above it, are hidden while a conversation is open.
    say(byId("banner"), now);
    byId("banner").hidden = now === "live" || now === "connecting";
  };
  chat.on("state", show);
  show(chat.state);

  const showMe = () => {
    const { me } = chat.store;
    byId("me-name").textContent = personName(me);
    byId("me-avatar").replaceChildren(avatar(personName(me), me.id));
  };
  chat.store.on("people", showMe);
  showMe();
}
