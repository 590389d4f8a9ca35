// A menu as the ARIA practices describe it: arrows move, Home and End lead to the ends, a letter to what begins with it.

import { el, icon } from "./dom.js";
import { openPopup } from "./popup.js";

/** Items: {text, symbol, act, isDangerous, testid, key, isChosen}; null is left out. `header` stands above them. */
export function openMenu(anchor, label, items, { header = null, returnFocus = anchor } = {}) {
  const close = () => closePopup();
  const buttons = items.filter(Boolean).map(({ text, symbol, act, isDangerous, testid, key, isChosen }) => {
    const choose = () => {
      close();
      act();
    };
    return el(
      "button",
      { type: "button", role: isChosen === undefined ? "menuitem" : "menuitemradio", "aria-checked": isChosen === undefined ? null : String(isChosen), tabindex: "-1", class: isDangerous ? "is-dangerous" : null, "data-testid": testid, onclick: choose },
      icon(symbol),
      el("span", {}, text),
      isChosen ? icon("check") : null,
      key ? el("kbd", { "aria-hidden": "true" }, key) : null,
    );
  });
  const menu = el("div", { class: "popup menu", "data-testid": "menu" }, header, el("div", { role: "menu", "aria-label": label }, ...buttons));
  menu.onkeydown = (event) => {
    const now = buttons.indexOf(document.activeElement);
    const next = nextOf(event.key, now, buttons);
    if (event.key === "Tab") close();
    if (next === null) return;
    event.preventDefault();
    buttons[next].focus();
  };
  const closePopup = openPopup(menu, anchor, { returnFocus });
  buttons[0]?.focus({ preventScroll: true });
  return close;
}

function nextOf(key, now, buttons) {
  const count = buttons.length;
  if (key === "ArrowDown") return (now + 1) % count;
  if (key === "ArrowUp") return (now + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key.length !== 1 || key === " ") return null;
  const from = buttons.findIndex((button, index) => index > now && beginsWith(button, key));
  const again = from >= 0 ? from : buttons.findIndex((button) => beginsWith(button, key));
  return again >= 0 ? again : null;
}

const beginsWith = (button, letter) => button.textContent.toLowerCase().startsWith(letter.toLowerCase());
