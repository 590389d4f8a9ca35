// Who asks to join the open room: a mark at its details for owners and moderators, and there a list from which they decide.

import { chat } from "./chat.js";
import { avatar, byId, el, oncePerFrame } from "./dom.js";
import { moderates } from "./messagerights.js";
import { personName } from "./names.js";
import { toast } from "./toast.js";

const MOST = 100;

/** `whenAdded` is called after somebody was added. */
export function watchJoinRequests(conversation, whenAdded) {
  let roomId = null;
  let requests = [];

  const draw = () => {
    const count = requests.length;
    const label = count ? `About this room: ${count} ${count === 1 ? "person asks" : "people ask"} to join` : "About this room";
    byId("room-details").setAttribute("aria-label", label);
    byId("room-details").title = label;
    byId("asking-mark").hidden = byId("asking").hidden = count === 0;
    byId("asking-list").replaceChildren(...requests.map(requestItem));
  };
  const load = async () => {
    const asked = roomId;
    // The events are without the words of those who ask.
    const page = asked === null ? null : await chat.members.requests(asked, { limit: MOST }).catch(() => null);
    if (asked !== roomId) return;
    requests = page?.results ?? [];
    draw();
  };
  const loadSoon = oncePerFrame(load);
  const follow = () => {
    const { room } = conversation;
    const now = room && room.kind === "closed" && !room.archived_at && moderates(room) ? room.id : null;
    if (now === roomId) return;
    roomId = now;
    requests = [];
    draw();
    load();
  };
  const requestItem = ({ user, message }) => {
    const decide = (act) => async () => {
      try {
        await act();
        loadSoon();
      } catch (error) {
        toast(error.message);
      }
    };
    const add = () => chat.members.add(roomId, [user.id]).then(whenAdded);
    const decline = () => chat.members.decline(roomId, user.id);
    const name = personName(user);
    const button = (text, kind, act) => el("button", { type: "button", class: kind, "aria-label": `${text} ${name}`, "data-testid": `request-${text.toLowerCase()}`, onclick: decide(act) }, text);
    return el(
      "li",
      { class: "invitation", "data-testid": "join-request" },
      el("div", { class: "whoami" }, avatar(name, user.id, { size: "small" }), el("p", { dir: "auto" }, el("strong", {}, name), message ? el("span", { class: "quiet words", dir: "auto" }, message) : null)),
      button("Add", "primary", add),
      button("Decline", "secondary", decline),
    );
  };

  chat.store.on("rooms", follow);
  chat.on("loaded", loadSoon);
  chat.on("event", ({ type, room_id }) => type.startsWith("join_request.") && room_id === roomId && loadSoon());
  conversation.addEventListener("opened", follow);
  follow();
}
