"""Where and with what environment processes of the product run in tests."""

import os
import subprocess
import sys
from pathlib import Path

from chatserver.tests.harness.jwts import JWT_SECRET
from chatserver.tests.harness.limits import LIMITS

HARNESS = Path(__file__).resolve().parent
PROJECT = HARNESS.parent.parent.parent
# In PYTHONPATH: what is importable then is what production has.
PRODUCTION_PACKAGES = str(HARNESS / "production")


def environment(database_url: str, redis_url: str, data_dir: Path, **extra: str) -> dict[str, str]:
    """The environment of a production process on these engines."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAT_", "DJANGO_", "PYTEST_"))}
    return {
        **kept,
        **dict.fromkeys(LIMITS, "off"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "CHAT_DATA_DIR": str(data_dir),
        "DEBUG": "False",
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "CHAT_JWT_SECRETS": JWT_SECRET,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": PRODUCTION_PACKAGES,
        **extra,
    }


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run a management command to its end."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
