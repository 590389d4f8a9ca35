// Read markers: mine, shown in the list at once and sent to the service a moment later; and the other person's.

import { get, put } from "./api.js";
import { peerOf } from "./names.js";

const DELAY = 400;
const RETRY_AFTER = 5_000;

export class ReadMarker {
  #due = new Map();
  #timer = null;

  constructor(state) {
    this.state = state;
  }

  move(roomId, seq) {
    const room = this.state.rooms.get(roomId);
    if (!room || seq <= room.read_seq) return;
    this.state.moveReadMarker(roomId, seq);
    this.#due.set(roomId, seq);
    this.#flushIn(DELAY);
  }

  #flushIn(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), milliseconds);
  }

  async #flush() {
    for (const [roomId, seq] of this.#due) {
      try {
        await put(`/api/v1/rooms/${roomId}/read-marker/`, { seq });
      } catch (error) {
        if (error.isTemporary) return this.#flushIn(RETRY_AFTER);
      }
      if (this.#due.get(roomId) === seq) this.#due.delete(roomId);
    }
  }
}

/** How far the other one of a direct room has read, as in read.updated; 0 if that can't be fetched. */
export async function readerOf(room, state) {
  const userId = peerOf(room, state).id;
  const member = await get(`/api/v1/rooms/${room.id}/members/${userId}/`).catch(() => null);
  return { room_id: room.id, user_id: userId, seq: member?.read_seq ?? 0 };
}
