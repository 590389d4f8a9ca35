"""Code and docs use the field's terms, and call people "they"."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("chatserver", "users", "rooms", "chats", "docs", "deploy", ".github")
KINDS = {".py", ".sql", ".js", ".css", ".html", ".md", ".yml", ".service"}
# What these once meant has a name that newcomers know: see the glossary in CONTRIBUTING.md.
NOT_OUR_WORDS = re.compile(
    r"\b(he|his|him|himself|crews?|rota|deeds?|farewells?|standings?|whoever|stands? aside|lets? in|puts? out)\b", re.I
)


def texts() -> dict[Path, str]:
    """Product code and docs, without the examples in Markdown."""
    paths = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*") if path.suffix in KINDS]
    paths += [*PROJECT.glob("*.md"), *(PROJECT / name for name in (".env.example", "Makefile", "docker-compose.yml"))]
    kept = [path for path in paths if "tests" not in path.parts]
    return {path: re.sub(r"(?s)^```.*?^```", "", path.read_text(), flags=re.M) for path in kept}


def test_people_are_they_and_words_are_those_of_the_field() -> None:
    found = [
        f"{path.relative_to(PROJECT)}: {match[0]}"
        for path, text in texts().items()
        for match in NOT_OUR_WORDS.finditer(text)
    ]
    assert found == []
