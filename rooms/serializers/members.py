"""Members as JSON, the same in REST answers and in events, and the bodies that are accepted."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chatserver.http.fields import BoundedListField, IdField
from chatserver.http.openapi import says, shows
from chatserver.times import api_time
from rooms.examples import EXAMPLE_MEMBER
from rooms.models import Membership, Role
from rooms.records import MemberRecord
from users.models import is_subject
from users.serializers.people import PersonSerializer, shown_person

MAX_MEMBERS_AT_ONCE = 200


def shown_member(member: MemberRecord) -> dict[str, Any]:
    """A member of a room."""
    return {
        "room_id": member.room_id,
        "user": shown_person(member.user),
        "role": member.role,
        "joined_at": api_time(member.joined_at),
        "read_seq": member.read_seq,
    }


@shows(a_member=EXAMPLE_MEMBER)
class MemberSerializer(serializers.Serializer[Membership]):
    """The schema of shown_member()."""

    room_id = serializers.IntegerField(read_only=True)
    user = PersonSerializer(read_only=True)
    role = serializers.ChoiceField(Role.choices, read_only=True)
    joined_at = serializers.DateTimeField(read_only=True)
    read_seq = serializers.IntegerField(read_only=True, help_text="stays where they mark something as unread")


EXTERNAL_PREFIX = "external:"


@extend_schema_field(
    {"oneOf": [{"type": "integer", "format": "int64", "minimum": 1}, {"type": "string", "pattern": "^external:.+$"}]}
)
class NamedPersonField(IdField):
    """A person by id, or by `external:` and the subject of their JWTs: an int, or the subject."""

    default_error_messages = {"subject": "Not an id, nor external: with an external id behind it."}

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if not isinstance(data, str) or data.isdigit():
            return super().run_validation(data)
        subject = data.removeprefix(EXTERNAL_PREFIX)
        if subject == data or not is_subject(subject):
            self.fail("subject")
        return subject


@shows(two={"user_ids": [4, 5]})
@says(
    {
        "if": {"not": {"required": ["user_id"]}},
        "then": {"required": ["user_ids"], "properties": {"user_ids": {"minItems": 1}}},
    }
)
class NewMembersSerializer(serializers.Serializer[Any]):
    """`user_id` or `user_ids`; one's own id joins an open room."""

    user_id = IdField(required=False)
    user_ids = BoundedListField(child=IdField(), required=False, max_length=MAX_MEMBERS_AT_ONCE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user_ids = [*attrs.get("user_ids", []), *([attrs["user_id"]] if "user_id" in attrs else [])]
        if not user_ids:
            raise serializers.ValidationError({"user_id": "Name at least one user."})
        return {"user_ids": sorted(set(user_ids))}


@shows(a_moderator={"role": "moderator"})
class RoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices)
