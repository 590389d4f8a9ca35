"""The tokens that the blocks of docs/auth.md make let their people in."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.jwts import JWT_SECRET, jwt_settings
from chatserver.tests.harness.processes import PROJECT
from chatserver.tests.harness.programs import program
from users.models import ExternalIdentity, User

ISSUER = "https://shop.example.com"


def block(kind: str) -> str:
    (found,) = (block.text for block in blocks_of(PROJECT / "docs/auth.md") if block.kind == kind)
    return found


def assert_lets_in(token: str, settings: Any) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings("HS256", issuer=ISSUER, audience="chat")
    client = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/v1/session/").json()["user"]["display_name"] == "Zoë"
    assert ExternalIdentity.objects.filter(issuer=ISSUER, subject="1042").exists()


def test_python_makes_a_token(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_JWT_SECRET", JWT_SECRET)
    names: dict[str, Any] = {}
    exec(compile(block("python"), "docs/auth.md", "exec"), names)  # noqa: S102 - our own page
    assert_lets_in(names["chat_token"](User(pk=1042, display_name="Zoë")), settings)


@pytest.mark.clients
def test_node_makes_a_token(db: None, settings: Any, tmp_path: Path) -> None:
    module = tmp_path / "token.mjs"
    module.write_text(block("js") + '\nprocess.stdout.write(chatToken({ id: 1042, name: "Zoë" }));\n')
    node = program("node", package="nodejs")
    made = subprocess.run(
        [node, module], env={"CHAT_JWT_SECRET": JWT_SECRET}, check=True, capture_output=True, text=True
    )
    assert_lets_in(made.stdout, settings)
