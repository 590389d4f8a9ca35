"""Code and docs use the field's terms, and call people "they"."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("chatserver", "users", "rooms", "chats", "benchmarks", "clients", "docs", "deploy", ".github")
KINDS = {".py", ".sql", ".js", ".css", ".html", ".md", ".yml", ".service"}
# Also between the underscores of a name.
PRONOUNS = re.compile(r"(?<![^\W_])(he|his|him|himself)(?![^\W_])", re.I)
# What these once meant has a name that newcomers know: see the glossary in CONTRIBUTING.md.
OLD_WORDS = re.compile(r"\b(crews?|rota|deeds?|farewells?|standings?|whoever|stands? aside|lets? in|puts? out)\b", re.I)


def texts() -> Iterator[tuple[Path, str]]:
    """Each file's path below the project, and its text without the examples in Markdown."""
    paths = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*") if path.suffix in KINDS]
    paths = [path for path in paths if "node_modules" not in path.parts]
    paths += [*PROJECT.glob("*.md"), *(PROJECT / name for name in (".env.example", "Makefile", "docker-compose.yml"))]
    for path in paths:
        if path != Path(__file__):
            yield path.relative_to(PROJECT), re.sub(r"(?s)^```.*?^```", "", path.read_text(), flags=re.M)


def test_people_are_they() -> None:
    assert [f"{path}: {found[0]}" for path, text in texts() for found in PRONOUNS.finditer(text)] == []


def test_code_and_docs_use_the_words_of_the_field() -> None:
    product = [(path, text) for path, text in texts() if path.parts[0] != "benchmarks" and "tests" not in path.parts]
    assert len(product) > 200
    assert [f"{path}: {found[0]}" for path, text in product for found in OLD_WORDS.finditer(text)] == []


def test_the_name_of_a_constant_is_unique() -> None:
    sources = [
        text
        for path, text in texts()
        if path.suffix == ".py" and not {"tests", "migrations", "benchmarks", "clients", "examples"} & {*path.parts}
    ]
    names = Counter(name for text in sources for name in set(re.findall(r"(?m)^([A-Z][A-Z0-9_]+)(?: =|: )", text)))
    assert [name for name, count in names.items() if count > 1] == []
