// The start of the page: who is signed in, then either the sign-in or the chat.

import { watchArchivedRooms } from "./archivedrooms.js";
import { watchBell } from "./bell.js";
import { chat } from "./chat.js";
import { showConnection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { byId } from "./dom.js";
import { watchDetails } from "./details.js";
import { openInvitation, watchInvitations } from "./invitations.js";
import { watchMyThreads } from "./mythreads.js";
import { watchNewDialog } from "./newdialog.js";
import { watchNotifications } from "./notifications.js";
import { watchOwnSettings } from "./ownsettings.js";
import { watchPersonMenu } from "./personmenu.js";
import { BASE_PATH, deviceStorage, tabStorage } from "./place.js";
import { watchRoute } from "./route.js";
import { showRooms } from "./rooms.js";
import { showSignIn } from "./signin.js";
import { watchSwitcher } from "./switcher.js";
import { toast } from "./toast.js";

const RETRY_BOOT = 3_000;

async function boot() {
  try {
    await chat.connect();
  } catch (error) {
    if (error.status === 401) return showSignIn(boot);
    showProblem(error);
    setTimeout(boot, RETRY_BOOT);
    return;
  }
  stopShowing();
  byId("boot").hidden = true;
  start();
}

/** While the server is away. */
function showProblem({ message }) {
  byId("boot").textContent = `${message} Trying again…`;
  byId("boot").hidden = false;
}

function start() {
  byId("signin").hidden = true;
  byId("chat").hidden = false;
  const conversation = new Conversation();
  showRooms(conversation);
  showConnection();
  watchNewDialog();
  watchDetails(conversation);
  watchBell(conversation);
  watchArchivedRooms(conversation);
  watchPersonMenu(conversation);
  watchOwnSettings();
  watchSwitcher();
  watchNotifications();
  watchMyThreads();
  watchInvitations();
  watchRoute(conversation, openInvitation);

  chat.on("loaded", () => conversation.refresh());
  chat.on("signedOut", (reason) => {
    if (reason !== "other_user") tabStorage.set("notice", "Your session has ended. Please sign in again.");
    location.reload();
  });
  // Another tab may have signed in as somebody else; nobody should write under a name that they do not see.
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden) return;
    const session = await chat.session.get().catch(() => undefined);
    if (session !== undefined && session.user?.id !== chat.store.me.id) location.reload();
  });
  byId("log-out").onclick = async () => {
    try {
      await chat.session.end();
    } catch (error) {
      if (error.isTemporary) return toast(`You are still signed in: ${error.message}`);
    }
    chat.close();
    tabStorage.clear();
    deviceStorage.clear();
    location.assign(`${BASE_PATH}/`);
  };
}

const stopShowing = chat.on("problem", showProblem);
boot();
