"""The secret key of a development copy: made once, kept in its data folder."""

import os
import secrets
from pathlib import Path


def development_secret_key(data_dir: Path) -> str:
    """The key kept in `data_dir`, made if there is none. Safe when two processes start at once."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    draft = data_dir / f".secret_key.{os.getpid()}"
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # unlike a rename, it does not replace what another process just made
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
