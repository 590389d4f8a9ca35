"""The secret key for development: generated once and kept in the data folder."""

import os
import secrets
from pathlib import Path


def development_secret_key(data_dir: Path) -> str:
    """The key in `data_dir`, generated if there is none. Safe if two processes start at once."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = data_dir / f".secret_key.{os.getpid()}"
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # unlike a rename, a link does not replace a key that another process has just written
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
