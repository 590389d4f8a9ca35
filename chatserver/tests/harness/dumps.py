"""Databases as text: pg_dump, and their schemas and rows in a form that can be compared."""

import json
import re
import subprocess
from typing import Any

import psycopg2

from chatserver.storage.embedded.postgres import find_programs

HEADING = re.compile(r"^-- Name: (.*); Schema: .*$", re.MULTILINE)
Row = dict[str, Any]


def pg_dump(url: str, *options: str) -> str:
    command = [str(find_programs() / "pg_dump"), "--no-owner", "--no-privileges", *options, url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # The commands for psql are not SQL, and have a random word in them.
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("\\"))


def schema_of(url: str) -> dict[str, list[str]]:
    """Everything but the rows: name and type of each object -> the lines of its definition.

    Those of a table are sorted: a column that was added later stands last.
    """
    _, *parts = HEADING.split(pg_dump(url, "--schema-only"))
    schema = {}
    for title, definition in zip(parts[::2], parts[1::2], strict=True):
        lines = [line for line in definition.splitlines() if line not in ("", "--") and not line.startswith("SET ")]
        is_table = title.endswith("Type: TABLE")
        schema[title] = sorted(line.rstrip(",") for line in lines) if is_table else lines
    return schema


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def rows_of(url: str) -> dict[str, list[Row]]:
    """The rows of all tables, in a fixed order, as column -> value."""
    tables = [name for (name,) in query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {table: in_order(row for (row,) in query(url, f"SELECT to_jsonb(t) FROM {table} t")) for table in tables}


def in_order(rows: Any) -> list[Row]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def newest_ids_of(url: str) -> dict[str, int]:
    """Each sequence, and the newest number that it has given."""
    return dict(query(url, "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"))
