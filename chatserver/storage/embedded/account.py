"""The account that the engines run as.

PostgreSQL refuses root, so root uses another: that of the data folder's owner, who then may run it without root, too;
or a system account of its own, where root is the owner.
"""

import os
import pwd
import stat
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

from chatserver.config.data_folder import make_private, owner_of

ACCOUNT = "chatserver_engine"
READ_EXECUTE_ALL = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH

# The binary form of a POSIX ACL, see acl(5) and linux/posix_acl_xattr.h.
ACL_VERSION = 2
ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_MASK, ACL_OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_ID = 0xFFFFFFFF
ACL_ATTRIBUTE = "system.posix_acl_access"
# The version; a tag, permissions, and the id that the tag needs.
ACL_HEADER, ACL_ENTRY = struct.Struct("<I"), struct.Struct("<HHI")


def engine_account(data: Path) -> pwd.struct_passwd | None:
    """The account to switch to for this data folder, or None if the caller's own can be used."""
    if os.geteuid() != 0:
        return None
    # A PostgreSQL that is there already stays with its owner.
    for folder in (data / "postgres", data):
        with suppress(KeyError):
            if owner := owner_of(folder):
                return pwd.getpwuid(owner)
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
        subprocess.run(command, check=True)
        return pwd.getpwnam(ACCOUNT)


def own_folder(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a private folder that belongs to the engines' account, and let that account reach it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_private(folder, account)
    if account is not None:
        open_way(folder.parent, account)


def open_way(folder: Path, account: pwd.struct_passwd) -> None:
    """Let the account pass through (not list) each folder up to the root, and nobody else.

    Needed for a clone below /root, for example. There an access list gets an entry for our account, beside those of
    others: engines of another owner may have their data or programs below the same folder. A file system without access
    lists gets `o+x` instead.
    """
    for step in [folder, *folder.parents]:
        mode = step.stat()
        if mode.st_mode & stat.S_IXOTH or mode.st_uid == account.pw_uid:
            continue
        try:
            acl = os.getxattr(step, ACL_ATTRIBUTE) if ACL_ATTRIBUTE in os.listxattr(step) else None
            os.setxattr(step, ACL_ATTRIBUTE, passage_acl(mode.st_mode, acl, account.pw_uid))
        except (OSError, AttributeError):
            step.chmod(mode.st_mode | stat.S_IXOTH)


def passage_acl(mode: int, acl: bytes | None, user_id: int) -> bytes:
    """The access list of a folder with this mode, and this list so far, in which the user may pass through."""
    permissions = {
        (ACL_USER_OBJ, NO_ID): mode >> 6 & 7,
        (ACL_GROUP_OBJ, NO_ID): mode >> 3 & 7,
        (ACL_OTHER, NO_ID): mode & 7,
    }
    if acl is not None:
        permissions = {(tag, who): bits for tag, bits, who in ACL_ENTRY.iter_unpack(acl[ACL_HEADER.size :])}
    for entry, otherwise in (((ACL_USER, user_id), 0), ((ACL_MASK, NO_ID), permissions[ACL_GROUP_OBJ, NO_ID])):
        permissions[entry] = permissions.get(entry, otherwise) | 1
    # In the order that the kernel demands.
    entries = (ACL_ENTRY.pack(tag, bits, who) for (tag, who), bits in sorted(permissions.items()))
    return ACL_HEADER.pack(ACL_VERSION) + b"".join(entries)


def open_programs(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Let the account read the installed programs, which a strict umask may have made readable by root only."""
    if account is None:
        return
    open_way(folder, account)
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode
        wanted = READ_EXECUTE_ALL if path.is_dir() or mode & stat.S_IXUSR else stat.S_IRGRP | stat.S_IROTH
        if mode & wanted != wanted:
            path.chmod(mode | wanted)
