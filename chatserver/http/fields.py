"""Fields of request bodies: strict about the type in JSON, and bounded before any work is done on what they hold."""

import re
import unicodedata
from datetime import datetime
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from chatserver.http.parameters import LARGEST_ID, as_whole_number
from chatserver.http.texts import has_hidden_characters, shows_nothing

# Of a text that is longer than this many times its limit nothing is looked at. A shorter one may become valid:
# without the spaces around it, or in its normal form.
RAW_LENGTH_FACTOR = 4
RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
MAX_METADATA_BYTES = 4096
# Readers of JSON have limits of their own.
MAX_METADATA_DEPTH = 32
# What SMTP can deliver to.
MAX_ADDRESS = 254


class TextField(serializers.CharField):
    """A JSON string. What shows nothing counts as empty. `max_length` is in code points."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None:
            if not isinstance(data, str):
                self.fail("invalid")
            if self.max_length is not None and len(data) > RAW_LENGTH_FACTOR * self.max_length:
                raise too_long(self)
            if self.trim_whitespace and shows_nothing(data):
                data = ""
        return super().run_validation(data)


class NameField(TextField):
    """A name of a person or a room, in its normal form (NFKC) and without what nobody sees."""

    default_error_messages = {"hidden": "This name has characters that can't be seen."}

    def to_internal_value(self, data: Any) -> str:
        name = unicodedata.normalize("NFKC", super().to_internal_value(data)).strip()
        if has_hidden_characters(name):
            self.fail("hidden")
        return name


class AddressField(serializers.EmailField, TextField):
    """An e-mail address, or none: the empty text or null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_blank=True, allow_null=True, max_length=MAX_ADDRESS, required=False, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation("" if data is None else data)


class LinkField(serializers.URLField, TextField):
    """A URL of HTTP. DRF would take those of FTP, too."""

    def to_internal_value(self, data: Any) -> str:
        link = super().to_internal_value(data)
        if link.lower().startswith("ftp"):
            self.fail("invalid")
        return link


class TimeField(serializers.DateTimeField):
    """A moment in time: RFC 3339, with its offset from UTC."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not RFC_3339.fullmatch(value):
            self.fail("invalid", format="2026-11-30T08:00:00Z")
        return super().to_internal_value(value)


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction, or plain ASCII digits."""

    def to_internal_value(self, data: Any) -> int:
        number = as_whole_number(data)
        if number is None:
            self.fail("invalid")
        return number


class FlagField(serializers.BooleanField):
    """JSON's true or false, and nothing that stands for them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field({"type": "object", "additionalProperties": {}})
class MetadataField(serializers.Field[str, Any, Any, Any]):
    """A JSON object of up to MAX_METADATA_BYTES, as the text of its JSON."""

    default_error_messages = {
        "not_an_object": "Not an object.",
        "too_deep": f"It is nested more than {MAX_METADATA_DEPTH} levels deep.",
        "max_length": f"Its JSON has more than {MAX_METADATA_BYTES} bytes.",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        encoded = msgspec.json.encode(self._arranged(data, 1))
        if len(encoded) > MAX_METADATA_BYTES:
            self.fail("max_length")
        return encoded.decode()

    def _arranged(self, value: Any, depth: int) -> Any:
        """With no object that begins like a person: events/redaction.py finds people in bodies by that."""
        if not isinstance(value, (dict, list)):
            return value
        if depth > MAX_METADATA_DEPTH:
            self.fail("too_deep")
        if isinstance(value, list):
            return [self._arranged(each, depth + 1) for each in value]
        arranged = {name: self._arranged(each, depth + 1) for name, each in value.items()}
        if next(iter(arranged), None) == "id":
            arranged["id"] = arranged.pop("id")
        return arranged

    def to_representation(self, value: Any) -> Any:
        return value


class IdField(WholeNumberField):
    """An id. `least` is 0 where General is meant too."""

    def __init__(self, *, least: int = 1, **options: Any) -> None:
        super().__init__(min_value=least, max_value=LARGEST_ID, **options)


class BoundedListField(serializers.ListField):
    """A list whose length is checked before its elements."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.longest = max_length

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.longest:
            raise too_long(self)
        return super().to_internal_value(data)


def too_long(field: Any) -> serializers.ValidationError:
    """The error of a field that is longer than its `max_length`, as DRF's own validator gives it."""
    text = field.error_messages["max_length"].format(max_length=field.max_length)
    return serializers.ValidationError([ErrorDetail(text, code="max_length")])
