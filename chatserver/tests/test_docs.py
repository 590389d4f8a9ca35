"""The pages in docs/ name what the code has: settings, codes, events, metrics, and each other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chats.examples import EXAMPLE_MESSAGE
from chatserver.error_codes import CODES
from chatserver.events import catalogue
from chatserver.events.tables import with_tables
from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.test_env_example import read_in_settings
from rooms.examples import EXAMPLE_FULL_ROOM
from users.examples import EXAMPLE_USER

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").rglob("*.md"))]


def page(name: str) -> str:
    return (PROJECT / "docs" / name).read_text()


def found_in_code(pattern: str) -> set[str]:
    sources = [path for app in ("chatserver", "users", "rooms", "chats") for path in (PROJECT / app).rglob("*.py")]
    texts = [path.read_text() for path in sources if not {"tests", "migrations"} & set(path.parts)]
    return {match for text in texts for match in re.findall(pattern, text)}


def anchors(path: Path) -> set[str]:
    """The anchors that the page's headings get."""
    headings = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?s)```.*?```", "", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        for target in re.findall(r"(?<!!)\[[^]]+\]\(([^)]+)\)", path.read_text()):
            if "://" not in target:
                yield path, target


def test_every_setting_is_explained() -> None:
    assert set(re.findall(r"(?m)^\| `([A-Z_]+)` \|", page("settings.md"))) == set(read_in_settings())


def test_the_table_of_errors_has_all_codes_and_no_others() -> None:
    rows = re.findall(r"(?m)^\| (\d{3}) \| (`[^|]+`) \|", page("api.md"))
    told = {(int(status), code) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    assert told == {(status, code) for status, codes in CODES.items() for code in codes}


def test_every_code_is_one_of_them() -> None:
    of_fields = {"password", "max_length"}
    codes = found_in_code(r"""\bcode(?:: str)? ?= ?"([a-z_]+)\"""") - of_fields
    assert len(codes) > 20
    assert codes <= {code for codes in CODES.values() for code in codes}


def test_the_tables_of_events_are_the_catalogues() -> None:
    is_current = with_tables(page("api.md")) == page("api.md")
    assert is_current, "docs/api.md is behind the catalogue: run `manage.py describe_events`"
    assert {name for name in catalogue.TYPES if f"| `{name}` |" not in page("api.md")} == set()


@pytest.mark.parametrize(
    ("heading", "example"),
    [
        ("Users", EXAMPLE_USER),
        ("Messages", EXAMPLE_MESSAGE | {"reactions": [], "thread": None}),
        ("Rooms", EXAMPLE_FULL_ROOM),
    ],
)
def test_objects_are_shown_as_the_schema_shows_them(heading: str, example: dict[str, Any]) -> None:
    """With all of their fields."""
    above = page("api.md").partition(f"\n## {heading}\n")[0].count("\n")
    shown = next(block for block in blocks_of(PROJECT / "docs" / "api.md") if block.line > above)
    assert json.loads(shown.text) == example


def test_every_reason_of_a_bye_is_in_the_table() -> None:
    reasons = found_in_code(r"""(?:\.end\(|revoke\([^"\n]+)"([a-z_]+)\"""")
    assert {"shutdown", "banned"} <= reasons
    assert {reason for reason in reasons if f"`{reason}`" not in page("api.md")} == set()


def test_every_metric_is_in_the_table() -> None:
    metrics = found_in_code(r""""(chat_[a-z_]+)",""")
    assert len(metrics) > 10
    assert {name for name in metrics if f"`{name}" not in page("operations.md")} == set()


@pytest.mark.parametrize(("path", "target"), [pytest.param(*link, id=f"{link[0].name}-{link[1]}") for link in links()])
def test_links_lead_somewhere(path: Path, target: str) -> None:
    name, _, anchor = target.partition("#")
    there = (path.parent / name) if name else path
    assert there.exists()
    assert not anchor or anchor in anchors(there)
