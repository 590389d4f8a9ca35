"""django-eventstream: the usual way to server-sent events in Django. One process of uvicorn with uvloop."""

import os
from pathlib import Path

from benchmarks.processes.program import Program, free_port

PROJECT = Path(__file__).with_name("eventstream_project.py")


def eventstream(python: Path, folder: Path) -> Program:
    port = free_port()
    command = [str(python), "-m", "uvicorn", f"{PROJECT.stem}:application", "--app-dir", str(PROJECT.parent)]
    options = ["--port", str(port), "--loop", "uvloop", "--http", "httptools", "--log-level", "warning"]
    limits = ["--backlog", "4096", "--timeout-keep-alive", "600"]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return Program(folder / "eventstream.log", *command, *options, *limits, port=port, env=env, folder=folder)
