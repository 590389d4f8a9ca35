"""What the schema promises holds: schemathesis sends what it allows and what it forbids, and reads the answers.

Bounded and derandomized: the same examples each time.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from chatserver.tests.harness.service import Client, Service

EXAMPLES = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
# The stream has no end, and the others end the person who asks.
LEFT_OUT = [
    "stream_retrieve",
    "users_destroy",
    "users_logout_create",
    "tokens_current_destroy",
    "users_me_password_update",
]
# Without parameters, body or needed credentials: nothing that one could send is forbidden.
UNCONDITIONAL = {"GET /api/v1/schema/events/", "GET /api/v1/session/"}


@pytest.fixture(scope="module")
def person(granian: Service) -> Client:
    return granian.people()[0]


@pytest.fixture(scope="module")
def room(granian: Service, person: Client) -> int:
    (other,) = granian.people()
    made = person.make_room(other)
    person.send_text("something to find", made)
    return made


def cases() -> Iterator[Any]:
    """Each operation, with what the schema allows and with what it forbids."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    for found in schema.exclude(operation_id=LEFT_OUT).get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            if mode != GenerationMode.NEGATIVE or operation.label not in UNCONDITIONAL:
                yield pytest.param(operation, mode, id=f"{operation.label}-{mode.value}")


@pytest.mark.parametrize(("operation", "mode"), list(cases()))
def test_no_answer_breaks_the_promise(operation: Any, mode: GenerationMode, person: Client, room: int) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def keeps_it(case: Any) -> None:
        for name in {"id", "room_id"} & set(case.path_parameters or {}):
            # Most ids that chance draws are nobody's; every second one shall be there.
            if isinstance(case.path_parameters[name], int) and case.path_parameters[name] % 2 == 0:
                case.path_parameters[name] = room
        case.call_and_validate(
            base_url=person.service.url, headers={"Authorization": f"Bearer {person.token}"}, checks=CHECKS
        )

    keeps_it()
