// The reader's place in the history. At the end, new messages scroll in; elsewhere the visible text must not move.
//
// Dispatches "top" and "bottom" (near the oldest or newest message that is loaded), "end" (arrived at the newest of the
// room), "moved", and "to-end" (the reader asks to go there).

// Screen readers announce new messages, not pages of history.
const HUSH_MILLISECONDS = 1_000;
// Twelve frames of fast scrolling, in which a page comes through a network of 100 ms. Less than a page: a room opens with one.
const NEAR_EDGE = 1_000;
const NEAR_END = 60;

export class Scroller extends EventTarget {
  isAtEnd = true;
  /** Whether the room has messages below those that are loaded. */
  hasBelow = () => false;
  #news = 0;
  #hushTimer = null;

  /** `nameNews(count)` is what the pill says of so many new messages. */
  constructor(box, pill, nameNews = newMessages) {
    super();
    this.box = box;
    this.pill = pill;
    this.nameNews = nameNews;
    box.addEventListener("scroll", () => this.#moved(), { passive: true });
    pill.onclick = () => {
      this.#announce("to-end");
      box.focus({ preventScroll: true });
    };
    new ResizeObserver(() => {
      // What stands in line with the content must know what the scrollbar takes at each side.
      box.parentElement?.style.setProperty("--gutter", `${(box.offsetWidth - box.clientWidth) / 2}px`);
      if (this.isAtEnd) this.toEnd();
    }).observe(box);
  }

  /** A new conversation: at its end. */
  reset() {
    this.isAtEnd = true;
    this.#setNews(0);
  }

  /** History is about to be drawn. */
  hush() {
    this.box.setAttribute("aria-live", "off");
    clearTimeout(this.#hushTimer);
    this.#hushTimer = setTimeout(() => this.box.setAttribute("aria-live", "polite"), HUSH_MILLISECONDS);
  }

  toEnd() {
    this.isAtEnd = true;
    this.box.scrollTop = this.box.scrollHeight;
    this.#setNews(0);
  }

  /** Away from the end, to this item. */
  goTo(item, block = "start") {
    this.isAtEnd = false;
    item.scrollIntoView({ block });
    this.#drawPill();
  }

  /** Change the content without moving what the reader sees. */
  keep(change) {
    const anchor = this.isAtEnd ? null : this.firstVisible();
    const before = anchor?.getBoundingClientRect().bottom;
    change();
    if (this.isAtEnd) return this.toEnd();
    // It is made anew, and without its name, where the one before it comes; so its lower edge stays, and what is below.
    const item = anchor && this.box.querySelector(`[data-seq="${anchor.dataset.seq}"]`);
    if (item) this.box.scrollTop += item.getBoundingClientRect().bottom - before;
  }

  /** Something new came at the end. */
  announceNews() {
    if (!this.isAtEnd) this.#setNews(this.#news + 1);
  }

  /** Ask for more where the reader is near an edge of what is loaded. */
  fill() {
    if (this.box.scrollTop < NEAR_EDGE) this.#announce("top");
    if (this.#below < NEAR_EDGE && this.hasBelow()) this.#announce("bottom");
  }

  isVisible(item) {
    const [box, place] = [this.box.getBoundingClientRect(), item.getBoundingClientRect()];
    return place.bottom > box.top && place.top < box.bottom;
  }

  /** A message: the line above a day moves up when older messages of the day come. */
  firstVisible() {
    const top = this.box.getBoundingClientRect().top;
    return [...this.box.querySelectorAll("[data-seq]")].find((item) => item.getBoundingClientRect().bottom > top) ?? null;
  }

  get #below() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
  }

  #moved() {
    const wasAtEnd = this.isAtEnd;
    this.isAtEnd = this.#below < NEAR_END && !this.hasBelow();
    if (this.isAtEnd) this.#setNews(0);
    if (this.isAtEnd && !wasAtEnd) this.#announce("end");
    if (wasAtEnd !== this.isAtEnd) this.#drawPill();
    this.fill();
    this.#announce("moved");
  }

  #setNews(count) {
    this.#news = count;
    this.#drawPill();
  }

  #drawPill() {
    this.pill.hidden = this.isAtEnd;
    this.pill.textContent = this.nameNews(this.#news);
  }

  #announce(name) {
    this.dispatchEvent(new Event(name));
  }
}

function newMessages(count) {
  return count ? `${count} new ${count === 1 ? "message" : "messages"} ↓` : "To the newest ↓";
}
