"""`.env.example` and settings.py tell the same story, and the example works as it is."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import environ
import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = PROJECT / ".env.example"
# A variable, in force or commented out. A comment for people has a space behind its #.
VARIABLE = re.compile(r"#?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


def read_in_settings() -> dict[str, ast.expr | None]:
    """The variables that the settings read, by env.*(…) and count(…), with their defaults."""
    found: dict[str, ast.expr | None] = {}
    sources = [PROJECT / "chatserver" / name for name in ("settings.py", "config/jwt_settings.py")]
    for node in (node for source in sources for node in ast.walk(ast.parse(source.read_text()))):
        if not isinstance(node, ast.Call) or not re.fullmatch(r"env\.\w+|count", ast.unparse(node.func)):
            continue
        if node.args and isinstance(node.args[0], ast.Constant):
            keyword = next((word.value for word in node.keywords if word.arg == "default"), None)
            found[node.args[0].value] = node.args[1] if len(node.args) > 1 else keyword
    return found


def shown_in_example() -> dict[str, str]:
    matches = [VARIABLE.fullmatch(line) for line in EXAMPLE.read_text().splitlines()]
    return {match["name"]: match["value"] for match in matches if match}


def parsed(path: Path) -> dict[str, str]:
    """The file as django-environ reads it, without touching this process's environment."""

    class Scratch(environ.Env):
        ENVIRON: ClassVar[dict[str, str]] = {}

    Scratch.read_env(path)
    return Scratch.ENVIRON


def load_settings(variables: dict[str, str], data_dir: Path) -> subprocess.CompletedProcess[str]:
    known = read_in_settings()
    kept = {name: value for name, value in os.environ.items() if name not in known}
    return subprocess.run(
        [sys.executable, "-c", "import chatserver.settings"],
        cwd=PROJECT,
        env={**kept, **variables, "CHAT_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_example_has_every_variable_that_the_settings_read_and_no_other() -> None:
    assert set(shown_in_example()) == set(read_in_settings())


def test_each_variable_follows_a_sentence() -> None:
    lines = EXAMPLE.read_text().splitlines()
    for above, line in zip(lines, lines[1:], strict=False):
        if VARIABLE.fullmatch(line):
            assert re.fullmatch(r"# [A-Z`a-z].*\.", above), f"no sentence above {line}"


def test_commented_out_variables_show_their_defaults() -> None:
    shown = shown_in_example()
    fixed: dict[str, Any] = {
        name: default.value for name, default in read_in_settings().items() if isinstance(default, ast.Constant)
    }
    in_force = parsed(EXAMPLE)
    assert {name: shown[name] for name in fixed if name not in in_force} == {
        name: str(value) for name, value in fixed.items() if name not in in_force
    }


def test_the_example_is_read_as_it_is_written() -> None:
    in_force = dict(line.split("=", 1) for line in EXAMPLE.read_text().splitlines() if re.match(r"[A-Z]", line))
    assert parsed(EXAMPLE) == in_force


def test_the_example_is_production_mode_and_sets_login_by_name_in_plain_sight() -> None:
    assert parsed(EXAMPLE) == {
        "DEBUG": "False",
        "SECRET_KEY_FILE": "secret_key",
        "ALLOWED_HOSTS": "localhost,.localhost,127.0.0.1,[::1]",
        "CHAT_PASSWORDLESS_LOGIN": "True",
    }


@pytest.mark.parametrize("with_optional_ones", [False, True])
def test_the_settings_load_from_the_example(with_optional_ones: bool, tmp_path: Path) -> None:
    copy = tmp_path / "example"
    copy.write_text(re.sub(r"(?m)^#(?=[A-Z])", "", EXAMPLE.read_text()) if with_optional_ones else EXAMPLE.read_text())
    loaded = load_settings(parsed(copy), tmp_path / "var")
    assert loaded.returncode == 0, loaded.stderr
