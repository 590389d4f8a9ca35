// The third column: a thread, or the pinned messages of the room.

import { byId } from "./dom.js";
import { PinsPanel } from "./pinspanel.js";
import { roomAddress } from "./route.js";
import { ThreadPanel } from "./threadpanel.js";

export class Panels {
  #open = null;

  constructor(conversation) {
    this.conversation = conversation;
    this.thread = new ThreadPanel(conversation);
    this.pins = new PinsPanel(conversation);
    // Not as onkeydown: what such a function returns may prevent that a key types.
    byId("panel").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) byId("panel-close").click();
    });
  }

  /** `place`: "threads", "pins", or anything else for none. */
  show(place, messageId) {
    this.#open?.close();
    const panel = { threads: this.thread, pins: this.pins }[place] ?? null;
    this.#open = panel;
    byId("panel").hidden = panel === null;
    document.body.classList.toggle("has-panel", panel !== null);
    if (!panel) return;
    byId("panel-close").href = roomAddress(this.conversation.roomId);
    byId("thread-writing").hidden = byId("thread-follow").hidden = panel !== this.thread;
    byId("panel-log").replaceChildren();
    panel.open(messageId);
  }
}
