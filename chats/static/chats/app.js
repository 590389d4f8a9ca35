// The start of the page: who is signed in, then either the sign-in or the chat.

import { get, onSignedOut, remove } from "./api.js";
import { showConnection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { byId } from "./dom.js";
import { watchDetails } from "./details.js";
import { watchNewDialog } from "./newdialog.js";
import { Outbox } from "./outbox.js";
import { addressOf, tabStorage } from "./place.js";
import { watchRoute } from "./route.js";
import { showRooms } from "./rooms.js";
import { showSignIn } from "./signin.js";
import { State } from "./state.js";
import { Stream } from "./stream.js";
import { toast } from "./toast.js";

const RETRY_BOOT = 3_000;
const RETRY_LOAD = 3_000;
// Rooms of very many people send no presence; this keeps the online dots there up to date.
const REFRESH_ONLINE = 60_000;

async function boot() {
  let me;
  try {
    me = (await get("/api/v1/session/")).user;
    if (me === null) return showSignIn(boot);
  } catch (error) {
    byId("boot").textContent = `${error.message} Trying again…`;
    byId("boot").hidden = false;
    setTimeout(boot, RETRY_BOOT);
    return;
  }
  byId("boot").hidden = true;
  start(me);
}

function start(me) {
  byId("signin").hidden = true;
  byId("chat").hidden = false;
  const state = new State(me);
  const stream = new Stream();
  const outbox = new Outbox(me);
  outbox.onanswer = (message) => state.putMessage(message);
  state.addEventListener("message", ({ detail }) => detail.sent_by === me.id && outbox.confirm(detail));

  const conversation = new Conversation(state, outbox);
  showRooms(state, conversation);
  showConnection(state, stream);
  watchNewDialog(state);
  watchDetails(state, conversation);
  watchRoute(conversation);

  // One snapshot at a time; a request for another one meanwhile means one more afterwards.
  let isLoading = false;
  let isStale = false;
  const load = async () => {
    isStale = true;
    if (isLoading) return;
    isLoading = true;
    while (isStale) {
      isStale = false;
      try {
        await state.load();
        await conversation.refresh();
      } catch {
        isStale = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_LOAD));
      }
    }
    isLoading = false;
  };

  stream.addEventListener("fresh", load);
  stream.addEventListener("event", ({ detail }) => state.apply(detail));
  stream.addEventListener("hello", ({ detail }) => {
    if (detail.user_id !== me.id) return location.reload(); // another tab signed in as somebody else
    outbox.flush();
    conversation.recover();
    if (detail.resumed) state.loadOnline().catch(() => {});
  });
  stream.addEventListener("state", ({ detail }) => detail !== "live" && !state.isLoaded && load());
  onSignedOut(() => {
    stream.close();
    tabStorage.set("notice", "Your session has ended. Please sign in again.");
    location.reload();
  });
  // Another tab may have signed in as somebody else; nobody should write under a name that they do not see.
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden) return;
    const session = await get("/api/v1/session/").catch(() => undefined);
    if (session !== undefined && session.user?.id !== me.id) location.reload();
  });
  byId("log-out").onclick = async () => {
    try {
      await remove("/api/v1/session/");
    } catch (error) {
      if (error.isTemporary) return toast(`You are still signed in: ${error.message}`);
    }
    stream.close();
    tabStorage.clear();
    location.assign(addressOf("/"));
  };
  setInterval(() => document.hidden || state.loadOnline().catch(() => {}), REFRESH_ONLINE);
  stream.open();
  outbox.flush();
}

boot();
