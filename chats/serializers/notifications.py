"""Who should be told of a message, as JSON."""

from typing import Any

from rest_framework import serializers


class RecipientSerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField(read_only=True)
    external_id = serializers.CharField(read_only=True, allow_null=True, help_text="the host's id")
    reason = serializers.ChoiceField(["mentioned", "direct", "thread", "all"], read_only=True)


class NotificationSerializer(serializers.Serializer[Any]):
    """A message that these people have not read. Its text is to be fetched: it may have changed since."""

    message_id = serializers.IntegerField(read_only=True)
    room_id = serializers.IntegerField(read_only=True)
    room_external_id = serializers.CharField(read_only=True, allow_null=True)
    seq = serializers.IntegerField(read_only=True)
    sender_id = serializers.IntegerField(read_only=True)
    recipients = RecipientSerializer(many=True, read_only=True)
