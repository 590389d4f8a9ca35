// Leads to the message that the address asks for.

import { chat } from "./chat.js";
import { byId } from "./dom.js";
import { goTo, threadAddress } from "./route.js";
import { toast } from "./toast.js";

const MARKED_MILLISECONDS = 2_500;

export class MessageJump {
  #wanted = null;

  constructor(conversation) {
    this.conversation = conversation;
  }

  /** `messageId` null: none, any more. */
  want(roomId, messageId) {
    this.#wanted = messageId && { roomId, messageId };
    if (roomId === this.conversation.roomId) this.go();
  }

  /** The room is mine, and its timeline is there. */
  async go() {
    const wanted = this.#wanted;
    const { timeline, scroller } = this.conversation;
    if (!wanted || wanted.isOnItsWay || !timeline) return;
    wanted.isOnItsWay = true;
    scroller.isAtEnd = false;
    try {
      const message = this.conversation.find(wanted.messageId) ?? (await chat.api.get(`/api/v1/messages/${wanted.messageId}/`));
      if (wanted !== this.#wanted) return;
      if (message.room_id !== wanted.roomId) throw new Error("It is in another room.");
      if (message.parent_id) return this.#openThread(message);
      if (timeline.has(message.seq)) this.draw();
      else timeline.load(message.seq);
    } catch (error) {
      if (wanted !== this.#wanted) return;
      this.#wanted = null;
      this.conversation.follow();
      toast(error.status === 404 ? "This message is not there any more." : error.message);
    }
  }

  /** A reply is in its thread. */
  #openThread({ room_id, parent_id }) {
    this.#wanted = null;
    this.conversation.follow();
    goTo(threadAddress({ room_id, id: parent_id }), { replace: true });
  }

  /** After the messages were drawn. */
  draw() {
    const item = this.#wanted && byId("log").querySelector(`[data-message-id="${this.#wanted.messageId}"]`);
    if (!item) return;
    this.#wanted = null;
    this.conversation.scroller.goTo(item, "center");
    item.classList.add("is-asked");
    setTimeout(() => item.classList.remove("is-asked"), MARKED_MILLISECONDS);
    item.focus({ preventScroll: true });
  }
}
