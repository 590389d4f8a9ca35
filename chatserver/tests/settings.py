"""Settings of the tests: real engines in a folder of their own, quick password hashes, limits out of the way."""

import os
from pathlib import Path

from chatserver.tests.harness.limits import LIMITS

os.environ.setdefault("CHAT_DATA_DIR", str(Path(__file__).resolve().parent.parent.parent / "var" / "test"))
for name in LIMITS:
    os.environ.setdefault(name, "off")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from chatserver.settings import *  # noqa: E402, F403 - they read what is set above, and are all meant

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Nothing is collected for tests: the finders serve the static files, each when it is asked for. Else every client that
# a test makes would look through all of them.
STATIC_ROOT = None
WHITENOISE_AUTOREFRESH = True
