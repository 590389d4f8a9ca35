"""After many reconnects the service is as large as it was: a short run of the tool that does it for hours."""

import os
import subprocess
import sys

import pytest

from chatserver.tests.harness.processes import PROJECT

SECONDS = 10
LIMIT = 200


@pytest.mark.timeout(LIMIT + 20)
def test_memory_threads_descriptors_and_connections_stay_flat_under_load_with_reconnects() -> None:
    """Expectation (I4, I7): with streams that come and go while posts go on, nothing that a process holds grows, and
    each stream hears each message once and in order."""
    command = [sys.executable, "-m", "benchmarks", "soak", "--minutes", str(SECONDS / 60), "--streams", "100"]
    done = subprocess.run(command, cwd=PROJECT, env=dict(os.environ), capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "flat, and nothing was missed" in done.stdout
