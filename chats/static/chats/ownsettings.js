// My settings: how I am called, whether I appear offline, notifications, and whom I block.

import { unblock } from "./blocks.js";
import { chat } from "./chat.js";
import { avatar, byId, el } from "./dom.js";
import { personName } from "./names.js";
import { watchClosing } from "./newdialog.js";
import { turnOnNotifications } from "./notifications.js";
import { nobody } from "./people.js";
import { toast } from "./toast.js";

const MOST_PAGES = 10;
const NOTIFY = {
  granted: "Your browser tells you of new messages. The bell of a room says of which.",
  denied: "Your browser does not let this page tell you of new messages. Its settings change that.",
  default: "Be told of new messages while you look elsewhere.",
};

export function watchOwnSettings() {
  const dialog = byId("own-dialog");
  const form = byId("own-form");
  const drawMe = () => {
    const { me } = chat.store;
    byId("own-avatar").replaceChildren(avatar(personName(me), me.id));
    byId("own-name").textContent = personName(me);
    byId("own-username").textContent = `@${me.username}`;
  };
  const drawBlocks = async () => {
    try {
      const blocks = await chat.api.getAll("/api/v1/blocks/", {}, MOST_PAGES);
      byId("own-blocks").replaceChildren(...(blocks.length ? blocks.map(blockedItem) : [nobody("Nobody.")]));
    } catch (error) {
      byId("own-blocks").replaceChildren(nobody(error.message));
    }
  };
  const blockedItem = ({ user }) => {
    const end = async () => {
      await unblock(user);
      drawBlocks();
    };
    const name = el("span", { class: "name", dir: "auto" }, personName(user));
    const button = el("button", { type: "button", class: "secondary", onclick: end, "data-testid": "own-unblock" }, "Unblock");
    return el("li", { class: "choice" }, avatar(personName(user), user.id, { size: "small" }), name, el("span", { class: "note" }), button);
  };

  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      const me = await chat.people.update({ display_name: form.display_name.value.trim() });
      chat.store.me = { ...chat.store.me, ...me };
      chat.store.know(me);
      chat.store.emit("people");
      drawMe();
      toast("Your settings were saved.", "done");
      dialog.close();
    } catch (error) {
      toast(error.message);
    }
  };
  const invisible = byId("own-invisible");
  const drawInvisible = () => (invisible.checked = chat.store.isInvisible);
  chat.store.on("personal", drawInvisible);
  invisible.onchange = async () => {
    try {
      await chat.people.setInvisible(invisible.checked);
    } catch (error) {
      drawInvisible();
      toast(error.message);
    }
  };

  const drawNotify = () => {
    const permission = globalThis.Notification?.permission;
    byId("own-notify").textContent = NOTIFY[permission] ?? "Your browser has no notifications.";
    byId("own-notify-on").hidden = permission !== "default";
  };
  byId("own-notify-on").onclick = async () => {
    await turnOnNotifications();
    drawNotify();
  };

  byId("own-settings").onclick = () => {
    drawInvisible();
    form.display_name.value = chat.store.me.display_name;
    drawNotify();
    drawMe();
    drawBlocks();
    dialog.showModal();
  };
  watchClosing(dialog);
}
