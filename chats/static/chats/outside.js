// A link to a room that I am not in. Open rooms can be joined. Of closed ones the server tells nobody which there are, so
// one learns by asking whether a room takes requests.

import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { toast } from "./toast.js";

const CLOSED = {
  title: "You are not in this room",
  text: "It may be closed, or not there any more. Where its owners allow it, you can ask to join.",
  action: "Ask to join",
  hasWords: true,
};
const ASKED = {
  title: "You have asked to join",
  text: "The room opens here as soon as one of its owners or moderators adds you.",
  action: "Withdraw the request",
};
const DECLINED = { ...CLOSED, title: "Your request has ended", text: "The room's owners or moderators have not added you." };
const NOWHERE = { title: "There is no such room", text: "Or it takes no requests. Somebody who is in it can invite you." };

export class Outside {
  #roomId = null;
  #act = null;

  constructor(conversation) {
    this.conversation = conversation;
    byId("outside-form").onsubmit = (event) => {
      event.preventDefault();
      this.#attempt(this.#act);
    };
    chat.store.on("rooms", () => chat.store.rooms.has(this.#roomId) && this.#enter());
    chat.on("event", ({ type, data }) => {
      const isMine = type === "join_request.removed" && data.room_id === this.#roomId && data.user_id === chat.store.me.id;
      // Who is added hears it, too.
      if (isMine && this.#act === this.#withdraw) this.#show(DECLINED, this.#ask);
    });
  }

  async show(roomId) {
    if (roomId === this.#roomId) return;
    const room = await chat.rooms.get(roomId).catch(() => null);
    if (roomId !== this.conversation.roomId || this.conversation.room) return;
    this.#roomId = roomId;
    byId("outside-words").value = "";
    byId("open").hidden = true;
    byId("outside").hidden = false;
    if (room) this.#show({ title: room.name, text: "This room is open: everybody can join it.", action: "Join" }, this.#join);
    else this.#show(CLOSED, this.#ask);
  }

  hide() {
    this.#roomId = null;
    byId("outside").hidden = true;
  }

  #show({ title, text, action = null, hasWords = false }, act = null) {
    this.#act = act;
    byId("outside-title").textContent = title;
    byId("outside-text").textContent = text;
    byId("outside-words").hidden = !hasWords;
    byId("outside-act").hidden = action === null;
    byId("outside-act").textContent = action ?? "";
    byId("outside-act").className = act === this.#withdraw ? "secondary" : "primary";
  }

  #join = async () => {
    await chat.members.add(this.#roomId, [chat.store.me.id]);
    await chat.store.loadRoom(this.#roomId);
  };

  #ask = async () => {
    const roomId = this.#roomId;
    try {
      await chat.members.ask(roomId, byId("outside-words").value.trim());
      if (roomId === this.#roomId) this.#show(ASKED, this.#withdraw);
    } catch (error) {
      if (error.status !== 404) throw error;
      if (roomId === this.#roomId) this.#show(NOWHERE);
    }
  };

  #withdraw = async () => {
    const roomId = this.#roomId;
    this.#show(CLOSED, this.#ask);
    await chat.members.decline(roomId, chat.store.me.id);
  };

  async #attempt(act) {
    try {
      await act?.();
    } catch (error) {
      toast(error.message);
    }
  }

  #enter() {
    this.hide();
    byId("open").hidden = false;
    this.conversation.refresh();
  }
}
