"""The Python client of ChatServer: REST, the stream of events, and webhooks. Sync and async."""

from chatserver_client._async.client import AsyncChatClient as AsyncChatClient
from chatserver_client._sync.client import ChatClient as ChatClient
from chatserver_client.errors import ChatError as ChatError
from chatserver_client.errors import StreamEnded as StreamEnded
from chatserver_client.errors import WebhookInvalid as WebhookInvalid
from chatserver_client.events import Event as Event
from chatserver_client.webhooks import verify as verify

__version__ = "1.1.0"
