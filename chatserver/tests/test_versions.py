"""One number tells which release this is: no part of it is newer, and the changelog has it."""

import re
from pathlib import Path
from typing import Any

import chatserver
from chatserver.events import catalogue

PROJECT = Path(__file__).resolve().parent.parent.parent


def parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_no_event_is_of_a_later_release() -> None:
    assert max(parts(found.since) for found in [*catalogue.TYPES.values(), *catalogue.CONTROL.values()]) <= parts(
        chatserver.__version__
    )


def test_the_schema_names_this_release(settings: Any) -> None:
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == chatserver.__version__


def test_the_changelog_has_the_releases_in_their_order_and_this_one_is_on_top() -> None:
    headings = re.findall(r"(?m)^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", (PROJECT / "CHANGELOG.md").read_text())
    released = [heading for heading in headings if heading != "Unreleased"]
    assert released == sorted(released, key=parts, reverse=True)
    if headings[0] == "Unreleased":
        assert parts(released[0]) < parts(chatserver.__version__)
    else:
        assert headings[0] == chatserver.__version__
