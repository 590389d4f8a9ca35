"""Programs of the system that tests need, and that pip does not install."""

import os
import shutil


def program(*names: str, package: str) -> str:
    """The path of the first of these that is there. RuntimeError where none is: a test is not skipped for that."""
    # Debian has servers in sbin, which is not on everybody's path.
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    path = next((found for name in names if (found := shutil.which(name, path=places))), None)
    if path is None:
        raise RuntimeError(f"these tests need {names[0]}; on Debian: apt install {package}")
    return path
