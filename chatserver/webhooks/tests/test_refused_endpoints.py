"""Which URLs and bodies no endpoint may have."""

from typing import Any

from chatserver.tests.harness.webhook_calls import PUBLIC, Call
from chatserver.webhooks.models import Endpoint

REFUSED_URLS: list[Any] = [
    "",
    "shop.example",
    "ftp://shop.example/",
    "http://shop.example/",
    "https://",
    "https:///path",
    "https://user@shop.example/",
    "https://:pw@shop.example/",
    "https://shop.example/#part",
    "https://shop.example/#",
    "https://shop.example:0/",
    "https://shop.example:99999/",
    "https://shop.example:x/",
    "https://shop .example/",
    "https://shop.example/\\@10.0.0.1",
    "https://shop.example/\r\nX: y",
    "https://ｓhop.example/",
    "https://[::1",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://chat.internal/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://10.0.0.1:8443/",
    "https://169.254.169.254/latest/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    f"https://shop.example/{'x' * 2048}",
    7,
    None,
    ["https://shop.example/"],
]


def test_urls_that_no_endpoint_may_have(call: Call, settings: Any) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = False
    endpoint = call("POST", "", {"url": PUBLIC}).json()["id"]
    for url in REFUSED_URLS:
        for method, path in (("POST", ""), ("PATCH", f"{endpoint}/")):
            answer = call(method, path, {"url": url})
            assert answer.status_code == 400, url
            assert answer.json()["errors"][0]["field"] == "url", url
    assert Endpoint.objects.get().url == PUBLIC


def test_urls_that_one_may_have(call: Call, settings: Any) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = False
    for url in (PUBLIC, "https://shop.example", "https://1.1.1.1:8443/x?y=z%20", "https://[2606:4700::1111]/"):
        assert call("POST", "", {"url": url}).json()["url"] == url


def test_private_addresses_are_for_development(call: Call) -> None:
    assert call("POST", "", {"url": "http://127.0.0.1:9000/hook"}).status_code == 201


REFUSED_BODIES: list[dict[str, Any]] = [
    {"types": []},
    {"types": ["nonsense"]},
    {"types": ["message"]},
    {"types": ["message.*", "message.createt"]},
    {"types": ["typing.started"]},
    {"types": ["MESSAGE.*"]},
    {"types": [".*"]},
    {"types": ["mess*"]},
    {"types": ["**"]},
    {"types": ["*"] * 51},
    {"types": "message.*"},
    {"types": None},
    {"types": [7]},
    {"rooms": []},
    {"rooms": [-1]},
    {"rooms": ["x"]},
    {"rooms": [1.5]},
    {"rooms": [True]},
    {"rooms": [2**63]},
    {"rooms": list(range(201))},
    {"enabled": "true"},
    {"enabled": 1},
    {"enabled": None},
    {"ordered": "no"},
]


def test_bodies_that_are_refused(call: Call) -> None:
    for body in REFUSED_BODIES:
        answer = call("POST", "", {"url": PUBLIC} | body)
        assert answer.status_code == 400, body
        assert answer.json()["errors"][0]["field"].partition(".")[0] == next(iter(body))
    assert not Endpoint.objects.exists()
