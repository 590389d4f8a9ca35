"""The blocks of docs/python.md, run one after the other as one program."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from django.test import RequestFactory
from standardwebhooks import Webhook

from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.service_keys import key_of, service_account

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def test_the_blocks_run_in_their_order(granian: Service, capsys: Any) -> None:
    """The view of the last one gets a signed webhook, and one that was tampered with."""
    anna, shop = granian.people(2)
    anna.send_text("an event")
    key = key_of(service_account(shop), "users:write", "rooms:write", "events:read", "act_as")
    names: dict[str, Any] = {"URL": granian.url, "TOKEN": anna.token, "KEY": key, "SECRET": SECRET}
    blocks = [block.text for block in blocks_of(PROJECT / "docs/python.md") if block.kind == "python"]
    assert len(blocks) == 7
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)  # noqa: S102 - our own page
    names["chat"].close()
    printed = capsys.readouterr().out
    assert "Hello" in printed
    assert "1 ['Hello, everybody', 'One more']" in printed or "0 ['Hello, everybody', 'One more']" in printed
    assert "404 not_found" in printed
    assert "Hello from asyncio" in printed
    assert names["order"]["name"] == "Order 551"
    assert [result["user"]["external_id"] for result in names["results"]][0] == "customer-2000"
    body = json.dumps({"type": "message.created", "position": 7})
    signature = Webhook(SECRET).sign("evt_7_1", datetime.now(UTC), body)
    headers = {"webhook-id": "evt_7_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": signature}
    for sent, status in ((body, 204), (body + " ", 400)):
        request = RequestFactory().post("/", sent, content_type="application/json", headers=headers)
        assert names["receive"](request).status_code == status
