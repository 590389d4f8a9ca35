// Moves my read marker of the open room: what stands at the end of the page was read while somebody looked at it.

import { chat } from "./chat.js";
import { toast } from "./toast.js";

export class ReadMark {
  /** I marked something as unread: nothing is read until I come again or write here. */
  isHeld = false;

  constructor(conversation) {
    this.conversation = conversation;
    conversation.scroller.addEventListener("end", () => this.move());
    document.addEventListener("visibilitychange", () => this.move());
  }

  move() {
    const { timeline, scroller, roomId } = this.conversation;
    const last = timeline?.last;
    if (last && !this.isHeld && !document.hidden && scroller.isAtEnd) chat.markRead(roomId, last.seq);
  }

  release() {
    this.isHeld = false;
    this.move();
  }

  /** Back to before a message. Returns whether that was possible. */
  async moveBefore(message) {
    this.isHeld = true;
    try {
      await chat.readMarkers.moveBefore(message);
      return true;
    } catch (error) {
      this.release();
      toast(error.message);
      return false;
    }
  }
}
