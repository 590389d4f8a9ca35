"""The data folder (CHAT_DATA_DIR): who owns what is in it, and what to do where it can't be used.

A run as root (`sudo make run`) must not lock the owner of the project out: what root makes belongs to the owner of the
folder that it is made in.
"""

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured


def owner_of(path: Path) -> int:
    """The user id of a file, or of the nearest folder above it that exists and may be looked at."""
    for step in (path, *path.parents):
        try:
            return step.stat().st_uid
        except OSError:
            continue
    return os.geteuid()


def keep_owner(path: Path) -> None:
    """As root: give a new file or folder to the owner of the folder that it is in."""
    if os.geteuid() == 0:
        above = path.parent.stat()
        # A link is not followed: the owner of the folder could point it at anything.
        os.chown(path, above.st_uid, above.st_gid, follow_symlinks=False)


def link_flag(path: Path) -> int:
    """For os.open(), as root: no link is followed that somebody else may have made, who could point it at anything."""
    if os.geteuid() != 0:
        return 0
    above = path.parent.stat()
    is_of_others = above.st_uid != 0 or above.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return os.O_NOFOLLOW if is_of_others else 0


def open_kept(path: Path, mode: str, permissions: int = 0o666) -> IO[str]:
    """Open a text file for writing, and keep its owner."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags | link_flag(path), permissions)

    file: IO[str] = open(path, mode, opener=opener)  # noqa: SIM115 - the caller closes it
    keep_owner(path)
    return file


def make_private(folder: Path, owner: pwd.struct_passwd | None = None) -> None:
    """Let nobody but its owner into a folder, and give it to an owner if one is named."""
    descriptor = os.open(folder, os.O_DIRECTORY | link_flag(folder))
    try:
        if owner is not None:
            os.fchown(descriptor, owner.pw_uid, owner.pw_gid)
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it, unless they are there."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode, exist_ok=True)
        keep_owner(folder)


@contextmanager
def usable(data: Path) -> Iterator[None]:
    """For work in a data folder. ImproperlyConfigured says what to do where the system refuses it."""
    try:
        yield
    except OSError as error:
        raise ImproperlyConfigured(_advice(error, data)) from error


def _advice(error: OSError, data: Path) -> str:
    path = Path(os.fsdecode(error.filename or data))
    # What is refused is the file, or the folder in which it should be made.
    owner = next((uid for uid in map(owner_of, (path, path.parent, data)) if uid != os.geteuid()), None)
    if not isinstance(error, PermissionError) or owner is None:
        return f"{path}: {error.strerror}; CHAT_DATA_DIR must be a folder that can be written to"
    me, them = _name_of(os.geteuid()), _name_of(owner)
    return (
        f"{path} belongs to {them}, and this runs as {me}: stop what runs as {them}, then `sudo chown -R {me} {data}`; "
        "or set CHAT_DATA_DIR to another folder"
    )


def _name_of(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)
