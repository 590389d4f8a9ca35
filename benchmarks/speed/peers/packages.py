"""Packages of peers, in environments of their own in var/peers: they are no business of the project's."""

import subprocess
import sys
from pathlib import Path

from benchmarks.processes.postgres import PROJECT
from benchmarks.speed.run import Run

FOLDER = PROJECT / "var" / "peers"
PINS = {
    "eventstream": [
        "django-eventstream==5.3.4",
        "Django==5.2.19",
        "uvicorn==0.54.0",
        "uvloop==0.23.0",
        "httptools==0.9.0",
    ],
    "synapse": ["matrix-synapse==1.163.2", "psycopg2-binary==2.9.13"],
}


def python_of(run: Run, name: str) -> Path | None:
    """The Python that has a peer's packages; None, which is reported, where they are not there and shall not be."""
    home = FOLDER / name
    python, done, wanted = home / "bin" / "python", home / "installed", "\n".join(PINS[name])
    if done.exists() and done.read_text() == wanted:
        return python
    if not run.options.install:
        run.skip(f"{PINS[name][0]} is not installed: --install does it")
        return None
    run.say(f"installing {name}")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *PINS[name]]
    subprocess.run(pip, check=True)
    done.write_text(wanted)
    return python
