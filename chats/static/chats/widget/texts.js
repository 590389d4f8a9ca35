// What the elements say. A host gives others to configureChat({texts}), some or all of them.

export const TEXTS = {
  title: "Chat",
  inbox: "Conversations",
  placeholder: "Write a message",
  send: "Send",
  loading: "Loading…",
  empty: "No messages yet. Say hello!",
  noRooms: "No conversations yet.",
  noMessages: "No messages yet",
  connecting: "Connecting…",
  offline: "No connection. Messages are sent as soon as there is one.",
  signedOut: "You are signed out. Reload the page to go on.",
  refused: "The chat is not available here.",
  closed: "This conversation is closed.",
  removed: "This message was deleted",
  hidden: "Hidden: you block them",
  sending: "Sending…",
  failed: (reason) => `Not sent: ${reason}`,
  retry: "Try again",
  discard: "Discard",
  tooLong: (count) => `${count} characters too many`,
  typing: (names) => (names.length === 1 ? `${names[0]} is typing…` : "Several people are typing…"),
  toNewest: (count) => (count ? `${count} new ↓` : "To the newest ↓"),
  unread: (count) => `${count} unread`,
  // At the name of a person; of who is offline nothing is said.
  status: { online: "online", away: "away" },
  back: "Back to the conversations",
  open: "Open the chat",
  close: "Close the chat",
  you: "You",
  // In the middle of a sentence.
  youToo: "you",
  somebody: "somebody",
  // What happened in a room: others than those of ../systemtext.js.
  system: {},
};
