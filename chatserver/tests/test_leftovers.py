"""What a test leaves running is found at the end of the run, however it was detached."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from chatserver.tests.harness.leftovers import ProcessWatch, is_alive

# Starts a process in a session of its own, says so, and ends when it is told to.
DETACH = """
import subprocess
subprocess.Popen(["sleep", "60"], start_new_session=True, stdout=subprocess.DEVNULL)
print("up", flush=True)
input()
"""


@pytest.fixture
def starter() -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen([sys.executable, "-c", DETACH], stdin=-1, stdout=-1, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    yield process
    process.kill()
    process.communicate()


def test_a_process_whose_parent_has_ended_is_found_and_named(starter: "subprocess.Popen[str]") -> None:
    watch = ProcessWatch()
    watch.look()
    starter.communicate("\n")
    (sleeper,) = (process for process, line in watch.leftovers(0).items() if line == "sleep 60")
    sleeper.kill()
    sleeper.wait(5)
    assert not is_alive(sleeper)
    assert sleeper not in watch.leftovers(0)


def test_an_exempt_process_is_left_in_peace_with_its_children(starter: "subprocess.Popen[str]") -> None:
    watch = ProcessWatch(exempt=("sleep 60",))
    watch.look()
    assert "sleep 60" not in watch.leftovers(0).values()
    starter.communicate("\n")
