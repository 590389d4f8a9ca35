"""What a person sees, in memory: a snapshot, kept up to date by events. It does no input or output."""

from chatserver_client.store.store import Store as Store
