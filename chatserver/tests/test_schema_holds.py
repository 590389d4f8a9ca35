"""What the schema promises holds: schemathesis sends what it allows and what it forbids, and reads the answers.

All of its checks, for each operation by itself and for chains of them. What the schema allows and the service refuses
is what docs/api.md names ("What the schema can't say"), and nothing else. Bounded and derandomized: the same examples
each time.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chatserver.tests.harness.service import Client, Service

EXAMPLES = 3
CHAINS = 4
STEPS = 5
# Where the state, or the credential that the request came with, decides.
CODES_OF_STATES = {"no_room_with_oneself", "no_block_of_oneself", "no_session", "no_token"}
# What these may hold is more than a pattern can say; a marker must not be ahead of its room; of cursors, and of user_id
# and room_id, only one may be given; types go with the whole log.
FIELDS_WITH_RULES = {
    *("username", "name", "display_name", "message", "client_message_id", "client_room_id", "description"),
    *("password", "new_password", "current_password", "email", "avatar_url"),
    *("seq", "before", "after", "around", "around_seq", "user_id", "q", "page"),
    *("types", "external_id", "emoji", "muted_until", "metadata", "uses", "parent_id", "unread_from"),
}
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


def is_documented(problem: dict[str, Any]) -> bool:
    """Whether docs/api.md names that the service refuses this beyond the schema."""
    if problem["code"] in CODES_OF_STATES:
        return True
    # JSON Schema takes 7.0 for a whole number.
    return bool(problem["errors"]) and all(
        error["field"] in FIELDS_WITH_RULES or error["detail"] == "A valid integer is required."
        for error in problem["errors"]
    )


def accepted_or_documented(context: Any, response: Any, case: Any) -> bool | None:
    """positive_data_acceptance(), but for what docs/api.md names."""
    if response.status_code == 400 and is_documented(response.json()):
        return None
    return positive_data_acceptance(context, response, case)


def checks() -> list[Any]:
    load_all_checks()
    found = [check for check in CHECKS.get_all() if check is not positive_data_acceptance]
    return [*found, accepted_or_documented]


def schema_without(left_out: list[str]) -> Any:
    return schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True)).exclude(
        operation_id=left_out
    )


def cases() -> Iterator[Any]:
    """Each operation, with what the schema allows and with what it forbids."""
    for found in schema_without(LEFT_OUT).get_all_operations():
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
        if mode == GenerationMode.POSITIVE:
            for name in {"id", "room_id"} & set(case.path_parameters or {}):
                # Most ids that chance draws are nobody's; every second one shall be there.
                if case.path_parameters[name] % 2 == 0:
                    case.path_parameters[name] = room
        case.call_and_validate(
            base_url=person.service.url, headers={"Authorization": f"Bearer {person.token}"}, checks=checks()
        )

    keeps_it()


def test_no_chain_of_requests_breaks_the_promise(person: Client, room: int) -> None:
    class Machine(schema_without(LEFT_OUT).as_state_machine()):
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": person.service.url, "headers": {"Authorization": f"Bearer {person.token}"}}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(response, checks=checks())

    bounds = settings(
        max_examples=CHAINS,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=bounds)
