// The threads that I follow: how many have replies that I have not read, and a dialog that leads to each.

import { chat } from "./chat.js";
import { avatar, byId, el } from "./dom.js";
import { plainText } from "./markdown/blocks.js";
import { personName, roomName } from "./names.js";
import { watchClosing } from "./newdialog.js";
import { nobody } from "./people.js";
import { goTo, threadAddress } from "./route.js";
import { shortTime } from "./times.js";

// What happens within this time is asked for once.
const WAIT_MILLISECONDS = 1_000;
const MOST = 50;
const LONGEST_SNIPPET = 160;

export function watchMyThreads() {
  const dialog = byId("threads-dialog");
  let timer = null;

  const count = async () => {
    timer = null;
    const page = await chat.threads.list({ unread: true, limit: MOST }).catch(() => null);
    if (!page) return;
    const badge = byId("threads-unread");
    badge.hidden = page.results.length === 0;
    badge.textContent = page.next === null ? String(page.results.length) : `${MOST}+`;
  };
  const countSoon = () => {
    timer ??= setTimeout(count, WAIT_MILLISECONDS);
  };
  const open = (root) => {
    dialog.close();
    goTo(threadAddress(root));
  };
  byId("open-threads").onclick = async () => {
    const list = byId("threads-list");
    list.replaceChildren(nobody("Loading…"));
    dialog.showModal();
    try {
      const { results } = await chat.threads.list({ limit: MOST });
      list.replaceChildren(...(results.length ? results.map((thread) => threadItem(thread, open)) : [nobody("You follow no thread yet. Reply to a message, and it is here.")]));
    } catch (error) {
      list.replaceChildren(nobody(error.message));
    }
  };
  watchClosing(dialog);
  for (const name of ["thread", "following"]) chat.store.on(name, countSoon);
  chat.on("loaded", countSoon);
  countSoon();
}

function threadItem({ root, unread }, open) {
  const sender = personName(chat.store.people.get(root.sent_by) ?? root.sender);
  const room = chat.store.rooms.get(root.room_id);
  const text = root.removed_at ? "Message deleted" : plainText(root.message.slice(0, LONGEST_SNIPPET));
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "choice", "data-testid": "my-thread", onclick: () => open(root) },
      avatar(sender, root.sent_by, { size: "small" }),
      el(
        "span",
        { class: "who" },
        el("span", { class: "name", dir: "auto" }, text),
        el("span", { class: "quiet", dir: "auto" }, `${sender}${room ? ` in ${roomName(room)}` : ""} · ${shortTime(root.thread?.last_reply_at ?? root.sent_at)}`),
      ),
      unread ? el("span", { class: "badge" }, String(unread), el("span", { class: "for-readers" }, " unread")) : null,
    ),
  );
}
