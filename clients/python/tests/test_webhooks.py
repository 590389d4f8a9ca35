"""What the reference implementation of Standard Webhooks signs is accepted, and nothing else."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from chatserver_client import WebhookInvalid, verify
from standardwebhooks import Webhook

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = json.dumps({"position": 7, "type": "message.created", "room_id": 3, "data": {"message": "größe"}})


def signed(secret: str = SECRET, *, age_seconds: int = 0, body: str = BODY) -> dict[str, str]:
    now = datetime.now(UTC) - timedelta(seconds=age_seconds)
    signature = Webhook(secret).sign("evt_7_1", now, body)
    return {
        "Webhook-Id": "evt_7_1",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": signature,
    }


@pytest.mark.parametrize("payload", [BODY, BODY.encode()])
def test_a_signed_event_is_read(payload: str | bytes) -> None:
    event = verify(payload, signed(), SECRET)
    assert (event.position, event.type, event.data) == (7, "message.created", {"message": "größe"})


def test_one_good_signature_among_several_is_enough() -> None:
    headers = signed()
    headers["Webhook-Signature"] = f"v2,abc {signed(OTHER)['Webhook-Signature']} {headers['Webhook-Signature']}"
    assert verify(BODY, headers, SECRET).position == 7


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(OTHER),
        signed(age_seconds=100_000),
        signed(age_seconds=-100_000),
        signed() | {"Webhook-Id": "evt_8_1"},
        signed() | {"Webhook-Timestamp": "soon"},
        signed() | {"Webhook-Timestamp": "1e999"},
        signed() | {"Webhook-Signature": ""},
        signed() | {"Webhook-Signature": "v1"},
        signed() | {"Webhook-Signature": "v1,"},
        signed() | {"Webhook-Signature": "v1,\u00e9"},
        signed() | {"Webhook-Signature": signed()["Webhook-Signature"].replace("v1,", "v1a,")},
        {name: value for name, value in signed().items() if name != "Webhook-Timestamp"},
    ],
)
def test_anything_else_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(WebhookInvalid):
        verify(BODY, headers, SECRET)


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(WebhookInvalid):
        verify(BODY.replace("7", "8"), signed(), SECRET)


def test_a_body_that_is_no_event_is_refused() -> None:
    with pytest.raises(WebhookInvalid):
        verify("[]", signed(body="[]"), SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_?"])
def test_a_secret_that_is_none_accepts_nothing(secret: str) -> None:
    with pytest.raises(ValueError):
        verify(BODY, signed(), secret)
