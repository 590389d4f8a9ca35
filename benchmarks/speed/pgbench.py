"""The yardstick of posting: PostgreSQL's own pgbench runs the statement that the service runs, and nothing else.

The statement is not written down here: the service is asked to post, and PostgreSQL's log tells what it ran for that.
"""

import asyncio
import re
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.client.http import Connection
from benchmarks.processes.postgres import DATABASE, Postgres, find_postgres_program
from benchmarks.processes.service import Service
from benchmarks.speed.writers import SERVICE

# A statement of several lines is indented in the log.
LOGGED = re.compile(r"LOG:  statement: (.*(?:\n\t.*)*)")


def captured_statements(service: Service, rooms: list[int]) -> list[str]:
    """For each room, what the service runs in PostgreSQL for one message to it, with the values in it."""
    try:
        service.sql("ALTER SYSTEM SET log_statement = 'all'")
        service.sql("SELECT pg_reload_conf()")
        return [asyncio.run(capture(service, room)) for room in rooms]
    finally:
        service.sql("ALTER SYSTEM RESET log_statement")
        service.sql("SELECT pg_reload_conf()")


async def capture(service: Service, room: int) -> str:
    """Post until the log has what came of it: connections hear of the setting one after the other."""
    connection = Connection(service.port, service.tokens[0])

    async def post() -> str | None:
        began = time.monotonic()
        answer = await connection.request("POST", SERVICE.path, SERVICE.body % (room, began))
        if answer.status != 201:
            raise RuntimeError(f"a post was answered with {answer}")
        return find_statement(service.postgres.log, f"{began:.6f}")

    deadline = time.monotonic() + 10
    while (statement := await post()) is None:
        if time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL's log does not show what the service runs for a message")
    connection.close()
    return statement


def find_statement(log: Path, text: str) -> str | None:
    """The one that inserted this message. It comes first: the sequencer moves the event on afterwards."""
    found: list[str] = [statement for statement in LOGGED.findall(log.read_text()) if text in statement]
    return found[0] if found else None


def transactions_per_second(postgres: Postgres, statements: list[str], clients: int, seconds: float) -> float:
    """How many of these, each as often, so many clients get done with the simple query protocol."""
    with tempfile.TemporaryDirectory(prefix="chatserver-pgbench-") as folder:
        files = []
        for number, statement in enumerate(statements):
            script = Path(folder) / f"{number}.sql"
            script.write_text(f"{statement};\n")
            files += ["-f", str(script)]
        place = ["-h", str(postgres.data), "-p", str(postgres.postgres_port), "-U", "postgres"]
        options = ["-n", "-M", "simple", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds)))]
        command = [find_postgres_program("pgbench"), *place, *options, *files, DATABASE]
        done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench failed:\n{done.stderr}")
    return float(found[1])
