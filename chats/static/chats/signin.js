// Sign-in: by a click as a demo person, with a password, or as a new account.

import { chat } from "./chat.js";
import { avatar, byId } from "./dom.js";
import { tabStorage } from "./place.js";

export function showSignIn(whenSignedIn) {
  const form = byId("signin-form");
  let isNew = false;

  const attempt = async (steps) => {
    showProblem("");
    setBusy(true);
    try {
      for (const step of steps) await step();
      whenSignedIn();
    } catch (error) {
      showProblem(error.message);
    } finally {
      setBusy(false);
    }
  };

  form.onsubmit = (event) => {
    event.preventDefault();
    const { username, email, password } = Object.fromEntries(new FormData(form));
    const signIn = () => chat.session.create({ username, password });
    attempt(isNew ? [() => chat.people.create({ username, email, password }), signIn] : [signIn]);
  };

  byId("signin-switch").onclick = () => {
    isNew = !isNew;
    showProblem("");
    form.querySelector("[data-only=register]").hidden = !isNew;
    form.password.autocomplete = isNew ? "new-password" : "current-password";
    form.querySelector(".primary").textContent = isNew ? "Create account" : "Sign in";
    byId("signin-switch").textContent = isNew ? "I have an account already" : "New here? Create an account";
    form.username.focus();
  };

  document.querySelectorAll("[data-testid=demo-sign-in]").forEach((button, index) => {
    const username = button.dataset.username;
    if (!button.querySelector(".avatar")) button.prepend(avatar(username, index + 1));
    button.onclick = () => attempt([() => chat.session.create({ username })]);
  });

  const notice = tabStorage.get("notice");
  if (notice) byId("signin-note").textContent = notice;
  tabStorage.remove("notice");
  byId("boot").hidden = true;
  byId("signin").hidden = false;
}

function setBusy(isBusy) {
  byId("signin").querySelectorAll("button").forEach((button) => (button.disabled = isBusy));
}

function showProblem(text) {
  const problem = byId("signin-problem");
  problem.textContent = text;
  problem.hidden = !text;
}
