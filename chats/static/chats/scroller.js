// The reader's place in the history. At the end, new messages scroll in; elsewhere the visible text must not move.
//
// Dispatches "top" (near the oldest message) and "end" (arrived at the newest).

// Screen readers announce new messages, not pages of history.
const HUSH_MILLISECONDS = 1_000;
const NEAR_TOP = 300;
const NEAR_END = 60;

export class Scroller extends EventTarget {
  isAtEnd = true;
  #news = 0;
  #hushTimer = null;

  constructor(box, pill) {
    super();
    this.box = box;
    this.pill = pill;
    box.addEventListener("scroll", () => this.#moved(), { passive: true });
    pill.onclick = () => {
      this.toEnd();
      this.dispatchEvent(new Event("end"));
      box.focus({ preventScroll: true });
    };
    new ResizeObserver(() => this.isAtEnd && this.toEnd()).observe(box);
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

  /** Change the content without moving what the reader sees. */
  keep(change) {
    const anchor = this.isAtEnd ? null : this.#firstVisible();
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (this.isAtEnd) this.toEnd();
    else if (anchor?.isConnected) this.box.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  /** Something new came at the end. */
  announce() {
    if (!this.isAtEnd) this.#setNews(this.#news + 1);
  }

  /** Fetch more while there is nothing to scroll. */
  fill() {
    if (this.box.scrollTop < NEAR_TOP) this.dispatchEvent(new Event("top"));
  }

  #moved() {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    const wasAtEnd = this.isAtEnd;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.isAtEnd) this.#setNews(0);
    if (this.isAtEnd && !wasAtEnd) this.dispatchEvent(new Event("end"));
    if (wasAtEnd !== this.isAtEnd) this.#drawPill();
    this.fill();
  }

  #firstVisible() {
    const top = this.box.getBoundingClientRect().top;
    return [...this.box.querySelectorAll("li")].find((item) => item.getBoundingClientRect().bottom > top) ?? null;
  }

  #setNews(count) {
    this.#news = count;
    this.#drawPill();
  }

  #drawPill() {
    this.pill.hidden = this.isAtEnd;
    this.pill.textContent = this.#news ? `${this.#news} new ${this.#news === 1 ? "message" : "messages"} ↓` : "To the newest ↓";
  }
}
