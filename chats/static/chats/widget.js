// The chat as custom elements, for pages of other products: <chat-room> and <chat-inbox>. See docs/embedding.md.
//
// <script type="module" src="https://chat.example.com/static/chats/widget.js"></script>

import { ChatInbox } from "./widget/inbox.js";
import { ChatRoom } from "./widget/room.js";

export { configureChat } from "./widget/connection.js";

// A page may load the script twice.
if (!customElements.get("chat-room")) {
  customElements.define("chat-room", ChatRoom);
  customElements.define("chat-inbox", ChatInbox);
}
