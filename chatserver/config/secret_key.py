"""A secret key that is generated once and kept in a file."""

import os
import secrets
from pathlib import Path

from chatserver.config.data_folder import make_folder, open_kept


def kept_secret_key(path: Path) -> str:
    """The key in this file, generated if there is none. Safe if two processes start at once."""
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        with open_kept(draft, "w", 0o600) as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # unlike a rename, a link does not replace a key that another process has just written
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
