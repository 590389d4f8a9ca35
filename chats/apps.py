from django.apps import AppConfig


class ChatsConfig(AppConfig):
    name = "chats"

    def ready(self) -> None:
        from chats import events  # noqa: F401 - registers the event types
        from chats.last_messages import shown_last_messages
        from chats.mentions import count_mentions
        from chats.stream import control_events  # noqa: F401 - registers those of the stream itself
        from rooms import last_messages

        last_messages.find = shown_last_messages
        last_messages.count_mentions = count_mentions
