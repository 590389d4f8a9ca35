"""The checker passes over a service that keeps its promises, and finds one that does not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.processes.namespace import is_possible
from benchmarks.processes.postgres import PROJECT

PLANTS = Path(__file__).resolve().parent / "plants"
# One whose minute of faults has promotions among them, with `isolate` or without.
SEED = 2027
# One whose promotion finds the replica behind, so that something is lost.
LOSING_SEED = 2026
# What its servers import: as in production, which is less.
AS_IN_PRODUCTION = {"PYTHONPATH": str(PROJECT / "chatserver" / "tests" / "harness" / "production")}
# Tests don't depend on speed: late is what would never come, in so short a run.
ALLOWANCE_SECONDS = 30

# All in one process of xdist: two at once would be a test of the machine.
pytestmark = [pytest.mark.xdist_group("torture"), pytest.mark.timeout(400)]


def torture(*arguments: str, **env: str) -> dict[str, Any]:
    """The report of a run."""
    command = [sys.executable, "-m", "benchmarks", "torture", "--seed", str(SEED)]
    command += ["--allowance", str(ALLOWANCE_SECONDS), *arguments]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, **AS_IN_PRODUCTION, **env},
        capture_output=True,
        text=True,
        timeout=360,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == bool(found["violations"]), done.stderr
    return found


def planted(plant: dict[str, str], *arguments: str) -> dict[str, Any]:
    """The report of a run against a service with this fault, up to where it was found."""
    few = [*arguments, "--first", "--readers", "10"]
    if "sql" in plant:
        return torture(*few, "--sql", str(PLANTS / plant["sql"]))
    return torture(*few, "--settings", "benchmarks.torture.tests.plants.settings", **plant)


def test_a_minute_of_faults_breaks_no_promise() -> None:
    found = torture("--minutes", "1", "--promote")
    assert found["violations"] == {}, found["examples"]
    assert found["counts"]["readers and pollers who caught up"] == 52
    assert found["figures"]["messages of unknown fate"] == 0
    assert found["figures"]["messages acknowledged"] > 100
    assert found["figures"]["events compared at readers"] > 1_000
    assert found["counts"]["events given out by the client"] > 100
    assert found["counts"]["stores compared"] == 5
    assert found["counts"]["events applied by stores"] > 100
    assert len(found["faults"]) >= 12
    assert sum(found["faults"].values()) == len(found["schedule"])
    assert found["faults"]["promote"] >= 1
    assert ("isolate" in found["faults"]) == is_possible()


@pytest.mark.parametrize(
    ("plant", "invariant"),
    [
        pytest.param({"PLANT": "SkippedEvent"}, "I4", id="one event skipped"),
        pytest.param({"PLANT": "EarlyPublication"}, "I1", id="published before the commit"),
        pytest.param({"sql": "allocation_order.sql"}, "I2", id="positions in the order of allocation"),
    ],
)
def test_a_planted_fault_is_found(plant: dict[str, str], invariant: str) -> None:
    found = planted(plant, "--minutes", "0.25", "--faults", "none")
    assert invariant in found["violations"], found


@pytest.mark.parametrize(
    ("plant", "invariant", "told"),
    [
        pytest.param({"sql": "no_jump.sql"}, "I2", "given again", id="lost positions given again"),
        pytest.param({"PLANT": "SilentLoss"}, "I4", "lost", id="nobody told"),
    ],
)
def test_a_fault_behind_a_promotion_is_found(plant: dict[str, str], invariant: str, told: str) -> None:
    found = planted(plant, "--minutes", "0.3", "--faults", "promote", "--seed", str(LOSING_SEED))
    assert invariant in found["violations"], found
    assert any(told in what for what in found["examples"][invariant]), found["examples"]
