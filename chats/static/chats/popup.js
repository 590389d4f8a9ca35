// Something that floats beside what opened it, above everything; on a phone it is a sheet at the lower edge. Escape and a
// click elsewhere close it, and the focus goes back.

import { oncePerFrame } from "./dom.js";

const GAP = 6;
/** The one that is open: {anchor, close}. */
let shown = null;

/**
 * Show an element until it is closed; it is made for this once. `anchor` is an element, or the {x, y} of a pointer.
 * Returns close(). If the anchor has its popup open already, that is closed and none is opened.
 */
export function openPopup(popup, anchor, { returnFocus = anchor, whenClosed = () => {} } = {}) {
  const isShown = shown?.anchor === anchor;
  shown?.close();
  if (isShown) return () => {};
  // Not "auto": that one would close as soon as a finger which pressed long is lifted.
  popup.popover = "manual";
  // All else is inert while a dialog is open.
  (document.querySelector("dialog:modal") ?? document.querySelector("main:not([hidden])")).append(popup);
  popup.showPopover();
  const place = () => placeAt(popup, rectOf(anchor));
  const placeSoon = oncePerFrame(place);
  place();
  const watching = new ResizeObserver(placeSoon);
  watching.observe(popup);
  const button = anchor instanceof HTMLButtonElement ? anchor : null;
  button?.setAttribute("aria-expanded", "true");
  addEventListener("resize", placeSoon);
  const listening = new AbortController();
  const close = () => {
    if (shown?.close === close) shown = null;
    if (!popup.isConnected) return;
    const hadFocus = popup.contains(document.activeElement);
    listening.abort();
    watching.disconnect();
    removeEventListener("resize", placeSoon);
    button?.removeAttribute("aria-expanded");
    popup.remove();
    if (hadFocus) returnFocus.focus?.({ preventScroll: true });
    whenClosed();
  };
  shown = { anchor, close };
  const options = { capture: true, signal: listening.signal };
  // A popup belongs to the room that was open.
  addEventListener("hashchange", close, options);
  addEventListener("pointerdown", ({ target }) => popup.contains(target) || anchor.contains?.(target) || close(), options);
  addEventListener("keydown", (event) => event.key === "Escape" && (event.preventDefault(), event.stopPropagation(), close()), options);
  return close;
}

function rectOf(anchor) {
  return anchor.getBoundingClientRect?.() ?? new DOMRect(anchor.x, anchor.y, 0, 0);
}

/** Below the anchor if there is room, else above; its end at the anchor's end, but within the window. */
function placeAt(popup, anchor) {
  const { offsetWidth: width, offsetHeight: height } = popup;
  const isRtl = getComputedStyle(popup).direction === "rtl";
  const left = isRtl ? anchor.left : anchor.right - width;
  const hasRoom = anchor.bottom + GAP + height <= innerHeight - GAP;
  const top = hasRoom ? anchor.bottom + GAP : anchor.top - GAP - height;
  popup.style.setProperty("--x", `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`);
  popup.style.setProperty("--y", `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`);
}
