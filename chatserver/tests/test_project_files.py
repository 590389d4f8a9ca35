"""What people who work on ChatServer find at the top of the tree."""

import re
import subprocess
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent.parent.parent


def test_make_alone_explains_every_target() -> None:
    targets = re.findall(r"(?m)^([a-z-]+):(?!=)", (PROJECT / "Makefile").read_text())
    shown = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=30).stdout
    assert {"run", "test", "check"} <= set(targets)
    assert re.findall(r"(?m)^make ([a-z-]+) +\S", shown) == targets


def test_the_hooks_run_make_check_and_download_nothing() -> None:
    (repo,) = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    assert [(hook["entry"], hook["language"]) for hook in repo["hooks"]] == [("make check", "system")]


def test_each_template_of_an_issue_says_what_it_is_for() -> None:
    templates = list((PROJECT / ".github/ISSUE_TEMPLATE").glob("*.md"))
    assert templates
    for template in templates:
        _, header, _ = template.read_text().split("---\n", 2)
        assert {"name", "about"} <= set(yaml.safe_load(header))
