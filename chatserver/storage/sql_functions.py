"""SQL functions: each has one file, `<app>/sql/<function>.sql`, with its current text. `migrate` installs what changed.

- A file creates the function that it is named for by CREATE OR REPLACE, and what belongs to it, such as a trigger.
  The order of the files does not matter: bodies are not checked when a function is created.
- The comment of an installed function holds the hash of its file. So the hash lives and dies with the function, and is
  in every backup.
- Processes of the release before call the functions while the new texts are installed. So a function whose arguments
  or columns change gets a new name, and the old file stays for one release. The function of a file that was deleted is
  dropped by a migration of that release.
"""

import hashlib
from pathlib import Path
from typing import Any

import structlog
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connections, transaction
from psycopg2 import errorcodes

from chatserver.storage.errors import sql_state

# Two migrates at once must not replace the same function.
INSTALL_LOCK = 0x63686174
INSTALLED = """
SELECT proname, obj_description(oid, 'pg_proc') FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND proname = ANY(%s)
"""
# A trigger's table, or the type of a table's rows.
OF_LATER_TABLES = {errorcodes.UNDEFINED_TABLE, errorcodes.UNDEFINED_OBJECT}
logger = structlog.get_logger(__name__)


def function_files() -> dict[str, str]:
    """The current text of each function, by the function's name."""
    folders = [Path(app.path) / "sql" for app in apps.get_app_configs()]
    return {file.stem: file.read_text() for folder in folders for file in sorted(folder.glob("*.sql"))}


def outdated_functions(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The functions that are not installed with the text of their files."""
    files = function_files()
    with connections[using].cursor() as cursor:
        cursor.execute(INSTALLED, [list(files)])
        installed = dict(cursor.fetchall())
    return [name for name, text in files.items() if installed.get(name) != _hash(text)]


def install_functions(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Install the functions whose files changed. Receives post_migrate."""
    if not outdated_functions(using):
        return
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALL_LOCK])
        cursor.execute("SET LOCAL check_function_bodies = off")
        files = function_files()
        installed = [name for name in outdated_functions(using) if _is_installed(name, files[name], using)]
    logger.info("sql_functions_installed", functions=installed)


def _is_installed(name: str, text: str, using: str) -> bool:
    """Install a function. False where it is about a table that a later migration makes, and installs it then."""
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            cursor.execute(text)
            cursor.execute(f"COMMENT ON FUNCTION {name} IS '{_hash(text)}'")
    except ProgrammingError as error:
        if sql_state(error) not in OF_LATER_TABLES:
            raise
        return False
    return True


def _hash(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
