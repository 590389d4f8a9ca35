// The button that leads to the first message that I had not read when I opened the room.

import { byId } from "./dom.js";

export class UnreadJump {
  #seq = null;
  #isAsked = false;

  constructor(conversation, button) {
    this.conversation = conversation;
    this.button = button;
    button.onclick = () => this.#go();
    conversation.scroller.addEventListener("moved", () => this.draw());
    this.withdraw();
  }

  /** Offer it for a room that was read up to `seq`, -1 if there is nothing new. Once for each opening. */
  offer(seq, count) {
    if (seq < 0 || this.#seq !== null) return;
    this.#seq = seq + 1;
    this.button.textContent = `${count.toLocaleString("en")} new ${count === 1 ? "message" : "messages"} ↑`;
  }

  withdraw() {
    this.#seq = null;
    this.#isAsked = false;
    this.button.hidden = true;
  }

  /** After the messages were drawn, or the reader moved: hide it as soon as the line was seen. */
  draw() {
    if (!this.#seq) return void (this.button.hidden = true);
    const line = byId("log").querySelector(".line.new");
    if (line && this.#isAsked) this.conversation.scroller.goTo(line);
    if (line && this.conversation.scroller.isVisible(line)) this.#seq = 0;
    this.button.hidden = this.#seq === 0 || !this.conversation.timeline?.isLoaded;
  }

  #go() {
    const { timeline, scroller } = this.conversation;
    this.#isAsked = true;
    scroller.isAtEnd = false;
    if (timeline.has(this.#seq)) this.draw();
    else timeline.load(this.#seq);
  }
}
