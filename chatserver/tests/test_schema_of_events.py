"""OpenAPI and GET /api/v1/schema/events/ describe the events that the catalogue names, from the same components."""

import re
from typing import Any

import jsonschema_rs
import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from chatserver.events import catalogue

NAMES = sorted(catalogue.TYPES)
STORED = {name for name, event_type in catalogue.TYPES.items() if event_type.is_stored}


@pytest.fixture(scope="module")
def components() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """What anybody gets, also with a token that has ended."""
    answer = APIClient(HTTP_AUTHORIZATION="Bearer gone").get("/api/v1/schema/events/")
    assert answer.status_code == 200
    return answer.json()


def validator(document: dict[str, Any], entry: dict[str, Any]) -> Any:
    schema = {"$schema": document["$schema"], "$defs": document["$defs"], **entry["schema"]}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def test_it_names_every_type_and_what_a_stream_says_about_itself(document: dict[str, Any]) -> None:
    assert sorted(document["types"]) == NAMES
    assert list(document["control"]) == ["hello", "reset", "bye", "heartbeat"]
    assert {name for name, entry in document["types"].items() if entry["is_stored"]} == STORED


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_type_is_valid_and_another_types_is_not(document: dict[str, Any], name: str) -> None:
    checks = validator(document, document["types"][name])
    checks.validate(document["types"][name]["example"])
    for other, entry in document["types"].items():
        assert other == name or not checks.is_valid(entry["example"])


@pytest.mark.parametrize("name", ["hello", "reset", "bye", "heartbeat"])
def test_the_example_of_a_control_event_is_valid(document: dict[str, Any], name: str) -> None:
    entry = document["control"][name]
    checks = validator(document, entry)
    checks.validate(entry["example"])
    assert not checks.is_valid({})


def test_a_client_may_get_fields_that_it_does_not_know(document: dict[str, Any]) -> None:
    entry = document["types"]["message.created"]
    assert validator(document, entry).is_valid(entry["example"] | {"from_a_newer_release": None})


def test_every_reference_resolves_and_every_definition_is_referred_to(document: dict[str, Any]) -> None:
    refs = set(re.findall(r"'#/\$defs/(\w+)'", str(document)))
    assert refs == set(document["$defs"])
    for schema in document["$defs"].values():
        jsonschema_rs.meta.validate({"$schema": document["$schema"], **schema})


def test_definitions_are_those_of_openapi(document: dict[str, Any], components: dict[str, Any]) -> None:
    for name, schema in document["$defs"].items():
        assert str(schema).replace("#/$defs/", "#/components/schemas/") == str(components[name])


def test_an_event_of_the_list_is_one_of_the_stored_types(components: dict[str, Any]) -> None:
    event = components["Event"]
    assert set(event["discriminator"]["mapping"]) == STORED
    assert [ref["$ref"] for ref in event["oneOf"]] == list(event["discriminator"]["mapping"].values())
    assert components["EventPage"]["properties"]["results"]["items"] == {"$ref": "#/components/schemas/Event"}


def test_a_frame_of_the_stream_is_an_event_or_a_control_event(components: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/StreamFrame", "components": {"schemas": components}}
    frames = jsonschema_rs.validator_for(schema)
    for name in NAMES:
        frame = {"event": name, "data": "{}"}
        assert frames.is_valid(frame | {"id": "812"} if name in STORED else frame)
        assert not frames.is_valid(frame if name in STORED else {"event": name})
    assert frames.is_valid({"event": "hello", "data": "{}", "id": "812", "retry": 4000})
    assert frames.is_valid({"event": "reset", "data": "{}", "id": "812"})
    assert frames.is_valid({"event": "bye", "data": "{}", "retry": 4000})
    assert frames.is_valid({"event": "heartbeat", "data": "{}", "id": "812"})
    assert not frames.is_valid({"event": "heartbeat", "data": "{}"})
    assert not frames.is_valid({"event": "message.invented", "data": "{}", "id": "812"})
    assert not frames.is_valid({"event": "message.created", "data": "{}", "id": "-1"})
