// Asks before something that cannot be undone, or that somebody else wants.

import { el } from "./dom.js";

/** Whether the person is sure. Enter does what is harmless, and nothing else. */
export function isSure({ title, text, action, isHarmless = false }) {
  const { promise, resolve } = deferred();
  const answer = (isYes) => () => {
    resolve(isYes);
    dialog.close();
  };
  const yes = el("button", { type: "button", class: isHarmless ? "primary" : "danger is-sure", "data-testid": "confirm", autofocus: isHarmless, onclick: answer(true) }, action);
  const no = el("button", { type: "button", class: "secondary", autofocus: !isHarmless, onclick: answer(false) }, "Cancel");
  const heading = el("h2", { id: "confirm-title" }, title);
  const dialog = el("dialog", { class: "confirm", "aria-labelledby": "confirm-title" }, heading, el("p", {}, text), el("div", { class: "buttons" }, no, yes));
  dialog.onclose = () => {
    resolve(false);
    dialog.remove();
  };
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}

function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
