from django.apps import AppConfig


class ChatsConfig(AppConfig):
    name = "chats"

    def ready(self) -> None:
        from chats import events  # noqa: F401 - registers the event types
        from chats.access.mentions import count_mentions
        from chats.actions.system_messages import post_system_message
        from chats.serializers.last_messages import shown_last_messages
        from chats.stream import control_events  # noqa: F401 - registers those of the stream itself
        from rooms.actions import system_messages
        from rooms.serializers import last_messages

        system_messages.post = post_system_message
        last_messages.find = shown_last_messages
        last_messages.count_mentions = count_mentions
