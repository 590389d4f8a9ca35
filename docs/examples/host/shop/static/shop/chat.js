// The chat on the shop's pages.

const { chatUrl } = document.querySelector("script[data-chat-url]").dataset;
const { configureChat } = await import(`${chatUrl}/static/chats/widget.js`);

configureChat({ token: async () => (await (await fetch("/chat-token/")).json()).token });

// A conversation of the inbox is shown on the page of its order.
document.querySelector("chat-inbox")?.addEventListener("chat-open", (event) => {
  event.preventDefault();
  location.href = `/orders/${event.detail.external_id.replace("order-", "")}/`;
});
