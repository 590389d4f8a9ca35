"""What the OpenAPI schema says of each operation: what it is for, examples, credentials, refusals."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest
from drf_spectacular.generators import SchemaGenerator

from chatserver.error_codes import CODES
from chatserver.http.openapi_refusals import DESCRIBED_METHODS
from chatserver.tests.harness.refusals import codes_of

LONGEST_SUMMARY = 80
# The events, each with its own example.
WITHOUT_EXAMPLES = {"GET /api/v1/schema/events/"}
Operation = dict[str, Any]
SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS: dict[str, Operation] = {
    f"{method.upper()} {path}": item[method]
    for path, item in SCHEMA["paths"].items()
    for method in DESCRIBED_METHODS
    if method in item
}
each_operation = pytest.mark.parametrize(("name", "operation"), OPERATIONS.items(), ids=OPERATIONS)


def bodies(operation: Operation) -> Iterator[dict[str, Any]]:
    """The JSON that it takes and that it answers with where it succeeds: schema and examples."""
    answers = [response for status, response in operation["responses"].items() if status[0] == "2"]
    for place in [operation.get("requestBody", {}), *answers]:
        yield from (body for kind, body in place.get("content", {}).items() if kind == "application/json")


def test_it_is_valid() -> None:
    openapi_spec_validator.validate(SCHEMA)


def test_it_says_where_the_server_is() -> None:
    assert [server["url"] for server in SCHEMA["servers"]] == ["/"]


@each_operation
def test_an_operation_has_a_tag_that_is_explained(name: str, operation: Operation) -> None:
    explained = {tag["name"] for tag in SCHEMA["tags"] if tag["description"]}
    assert len(operation["tags"]) == 1
    assert set(operation["tags"]) <= explained


def test_no_tag_is_without_operations() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert [tag["name"] for tag in SCHEMA["tags"] if tag["name"] not in used] == []


@each_operation
def test_an_operation_has_a_summary_and_a_description(name: str, operation: Operation) -> None:
    assert 0 < len(operation["summary"]) <= LONGEST_SUMMARY
    assert not operation["summary"].endswith(".")
    assert operation["description"]


def test_no_two_operations_have_one_summary() -> None:
    assert len({operation["summary"] for operation in OPERATIONS.values()}) == len(OPERATIONS)


@each_operation
def test_an_operation_shows_what_it_takes_and_answers_and_the_examples_are_valid(
    name: str, operation: Operation
) -> None:
    for body in bodies(operation):
        examples = [example["value"] for example in body.get("examples", {}).values()]
        assert examples or name in WITHOUT_EXAMPLES
        checks = jsonschema_rs.validator_for({**body["schema"], "components": SCHEMA["components"]})
        for example in examples:
            checks.validate(example)


@each_operation
def test_an_operation_names_codes_of_the_status_that_it_refuses_with(name: str, operation: Operation) -> None:
    """Which codes a view refuses with, the answers in all tests show: see harness/refusals.py."""
    codes = codes_of(SCHEMA, operation)
    expected = {400, 403, 429, 503}
    expected |= {401} if operation.get("security") else set()
    expected |= {404} if "{" in name else set()
    expected |= {413, 415} if "requestBody" in operation else set()
    assert expected <= set(codes)
    assert 409 not in codes or not name.startswith("GET ")
    for status, named in codes.items():
        assert set() < named <= set(CODES[status])


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("get", "/api/v1/schema/events/", {406}),
        ("get", "/api/v1/rooms/", {401, 404, 406}),  # 404 is of whom a service key acts for
        ("get", "/api/v1/rooms/{room_id}/messages/", {401, 404, 406}),
        ("post", "/api/v1/chats/", {401, 404, 406, 409, 413, 415}),
        ("post", "/api/v1/rooms/", {401, 404, 406, 409, 413, 415}),
        ("delete", "/api/v1/rooms/{room_id}/members/{user_id}/", {401, 404, 406}),
        ("get", "/api/v1/stream", {401, 404}),
    ],
)
def test_an_operation_names_the_statuses_that_it_can_answer_with(method: str, path: str, more: set[int]) -> None:
    assert set(codes_of(SCHEMA, SCHEMA["paths"][path][method])) == {400, 403, 429, 503, *more}


def test_a_problem_has_one_of_all_codes() -> None:
    enum = SCHEMA["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert sorted(enum) == sorted(code for codes in CODES.values() for code in codes)
    assert len(set(enum)) == len(enum)


def test_every_code_is_named_by_an_operation() -> None:
    named = {
        code for operation in OPERATIONS.values() for codes in codes_of(SCHEMA, operation).values() for code in codes
    }
    everywhere = {"method_not_allowed", "server_error"}
    assert named | everywhere == {code for codes in CODES.values() for code in codes}
