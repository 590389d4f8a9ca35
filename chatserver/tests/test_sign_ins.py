"""The queue of requests that hash a password."""

import asyncio
import threading
from typing import Any

import pytest

from chatserver.errors import Unavailable
from chatserver.server import sign_ins
from chatserver.server.sign_ins import SignIns
from chatserver.tests.harness.loops import run


def scope_of(address: str) -> dict[str, Any]:
    return {"client": (address, 4711), "headers": []}


@pytest.mark.parametrize(
    ("total", "of_address", "addresses"),
    [
        (3, 9, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]),
        (9, 2, ["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
    ],
)
def test_the_queue_has_a_bound_for_all_and_for_an_address(
    total: int, of_address: int, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "MAX_SIGN_INS", total)
    monkeypatch.setattr(sign_ins, "MAX_SIGN_INS_OF_ADDRESS", of_address)

    async def overfill() -> None:
        gate, queue = threading.Event(), SignIns()
        *first, last = addresses
        waiting = [asyncio.ensure_future(queue.run(scope_of(address), lambda: gate.wait(5))) for address in first]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            await queue.run(scope_of(last), bool)
        assert refused.value.retry_after
        gate.set()
        assert await asyncio.gather(*waiting) == [True] * len(first)
        assert await queue.run(scope_of(last), lambda: "served") == "served"
        queue.close()

    run(overfill())
