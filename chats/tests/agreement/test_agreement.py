"""I8: state and events are fresh state, for every action, every role and every order of reconnects, by real clients."""

import os
from collections.abc import Callable

import pytest
from chatserver_client import ChatClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from chats.tests.agreement.machine import Agreement
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.service_keys import key_of, service_account

# More, and others each time: AGREEMENT_EXAMPLES=100 make test ARGS="-k agreement".
EXAMPLES = os.environ.get("AGREEMENT_EXAMPLES")
STEPS = 80
SECONDS_OF_EXAMPLE = 40


def run(service: Service, *, examples: int, has_javascript: bool) -> None:
    (shop,) = service.people()

    class Run(Agreement):
        pass

    with ChatClient(service.url, key_of(service_account(shop), "users:write")) as backend:
        Run.service, Run.backend, Run.has_javascript = service, backend, has_javascript
        options = settings(
            max_examples=int(EXAMPLES or examples),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=EXAMPLES is None,
            database=None,
            # What people did is printed; to find out which of it was needed would take hundreds of further examples.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Run, settings=options)


@pytest.mark.timeout(60 + SECONDS_OF_EXAMPLE * int(EXAMPLES or 8))
def test_all_clients_of_all_people_hold_what_an_independent_account_says(start_service: Callable[..., Service]) -> None:
    run(start_service(), examples=8, has_javascript=False)


@pytest.mark.clients
@pytest.mark.timeout(60 + SECONDS_OF_EXAMPLE * int(EXAMPLES or 5))
def test_so_do_clients_in_javascript(start_service: Callable[..., Service]) -> None:
    run(start_service(), examples=5, has_javascript=True)
