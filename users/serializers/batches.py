"""The bodies of a batch of people."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chatserver.http.fields import BoundedListField, TextField
from chatserver.http.openapi import shows
from users.examples import EXAMPLE_USER
from users.models import MAX_SUBJECT
from users.serializers.people import ProfileSerializer, UserSerializer

MAX_BATCH = 1_000


@shows(a_person={"external_id": "customer-1042", "display_name": "Dana", "email": "dana@example.com"})
class NewPersonSerializer(ProfileSerializer):
    """A person of the host product."""

    external_id = TextField(max_length=MAX_SUBJECT, trim_whitespace=False)


@extend_schema_field(NewPersonSerializer)
class UncheckedPerson(serializers.Field[Any, Any, Any, Any]):
    """What is wrong with one is told in its result."""

    def to_internal_value(self, data: Any) -> Any:
        return data


@shows(one={"users": [{"external_id": "customer-1042", "display_name": "Dana", "email": "dana@example.com"}]})
class UserBatchSerializer(serializers.Serializer[Any]):
    """Each person is checked by itself."""

    users = BoundedListField(child=UncheckedPerson(allow_null=True), max_length=MAX_BATCH)


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class BatchResultSerializer(serializers.Serializer[Any]):
    """`status` as PUT would answer; `code` and `errors` of a refusal."""

    status = serializers.IntegerField()
    user = UserSerializer(allow_null=True)
    code = serializers.CharField(allow_null=True)
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]  # a field of the answer, not DRF's property


@shows(made={"results": [{"status": 201, "user": EXAMPLE_USER, "code": None, "errors": []}]})
class UserBatchResultsSerializer(serializers.Serializer[Any]):
    results = BatchResultSerializer(many=True)
