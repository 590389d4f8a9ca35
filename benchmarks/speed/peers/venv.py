"""Packages of peers, in an environment of their own: they are no business of the project's."""

import subprocess
import sys
from pathlib import Path

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


def peer_python(name: str, folder: Path, *, install: bool) -> Path | None:
    """The Python that has a peer's packages; None where they are not there and shall not be installed."""
    home = folder / name
    python = home / "bin" / "python"
    done = home / "installed"
    wanted = "\n".join(PINS[name])
    if done.exists() and done.read_text() == wanted:
        return python
    if not install:
        return None
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *PINS[name]]
    installed = subprocess.run(pip, capture_output=True, text=True)
    if installed.returncode:
        raise RuntimeError(f"{name} can't be installed:\n{installed.stderr[-2000:]}")
    done.write_text(wanted)
    return python
