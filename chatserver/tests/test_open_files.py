"""A server process may open as many files as it has to serve streams, or says that it may not."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ASK = "import resource; from chatserver.server.open_files import allow_open_files as allow; " + (
    "print(allow(2000), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
)


@pytest.mark.parametrize(
    ("soft", "hard", "answer"),
    [(1024, 4096, "None 2256"), (1024, 2000, "2000 2000"), (3000, 4096, "None 3000")],
)
def test_the_limit_is_raised_as_far_as_it_goes(soft: int, hard: int, answer: str) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    ask = subprocess.run([sys.executable, "-c", ASK], preexec_fn=limit, cwd=PROJECT, capture_output=True, check=True)  # noqa: PLW1509 - one thread
    assert ask.stdout.decode().strip() == answer
