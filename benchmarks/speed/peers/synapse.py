"""Matrix Synapse: a chat server in Python with PostgreSQL. One process, as installed, without its limits on rates."""

import json
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.client.http import Connection
from benchmarks.processes.postgres import Postgres
from benchmarks.processes.program import Program, free_port
from benchmarks.speed.generator import Worker
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS, keep_asking

UNLIMITED = {"per_second": 1_000_000, "burst_count": 1_000_000}
CLIENT_API = "/_matrix/client/v3"


def synapse(python: Path, folder: Path, postgres: Postgres) -> Program:
    """Synapse on a database of its own in this PostgreSQL. It insists on the C locale."""
    locale = "ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    postgres.sql(f"CREATE DATABASE synapse TEMPLATE template0 {locale}", database="postgres")
    port = free_port()
    base, ours = folder / "homeserver.yaml", folder / "ours.yaml"
    program = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(base)]
    generate = [*program, "--server-name", "localhost", "--generate-config", "--report-stats", "no"]
    subprocess.run(generate, cwd=folder, check=True, capture_output=True)
    # JSON is YAML.
    ours.write_text(json.dumps(config_of(postgres, port, folder)))
    return Program(folder / "synapse.log", *program, "--config-path", str(ours), port=port, folder=folder)


def config_of(postgres: Postgres, port: int, folder: Path) -> dict[str, object]:
    limits = ("message", "registration", "admin_redaction", "joins_per_room", "room_creation")
    log = folder / "log.yaml"
    log.write_text(json.dumps({"version": 1, "root": {"level": "ERROR"}, "disable_existing_loggers": False}))
    return {
        "listeners": [
            {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["client"]}]}
        ],
        "database": {
            "name": "psycopg2",
            "args": {"user": "postgres", "dbname": "synapse", "host": str(postgres.data), "cp_min": 5, "cp_max": 20},
        },
        "log_config": str(log),
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "bcrypt_rounds": 4,
        "trusted_key_servers": [],
        "presence": {"enabled": False},
        **{f"rc_{name}": UNLIMITED for name in limits},
        "rc_login": {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED},
        "rc_joins": {"local": UNLIMITED, "remote": UNLIMITED},
        "rc_invites": {"per_room": UNLIMITED, "per_user": UNLIMITED, "per_issuer": UNLIMITED},
    }


async def enter_room(worker: Worker, port: int) -> str:
    """Register the clients and let all of them into one room; its id."""
    nobody = Connection(port)
    tokens = []
    for number in range(CLIENTS):
        body = {"auth": {"type": "m.login.dummy"}, "username": f"load{number}", "password": secrets.token_hex(8)}
        tokens.append((await ask(nobody, "POST", f"{CLIENT_API}/register", body))["access_token"])
    worker.connections = [await Connection(port, token).open() for token in tokens]
    first, *others = worker.connections
    room: str = (await ask(first, "POST", f"{CLIENT_API}/createRoom", {"preset": "public_chat"}))["room_id"]
    for connection in others:
        await ask(connection, "POST", f"{CLIENT_API}/join/{room}", {})
    nobody.close()
    return room


async def keep_putting(worker: Worker, seconds: float, room: str) -> Tally:
    """Each client sends into the room as soon as it is answered."""

    async def put(client: int, turn: int) -> None:
        path = f"{CLIENT_API}/rooms/{room}/send/m.room.message/{secrets.token_hex(8)}"
        await ask(worker.connections[client], "PUT", path, {"msgtype": "m.text", "body": "hello"})

    return await keep_asking(worker, seconds, put)


async def ask(connection: Connection, method: str, path: str, body: Mapping[str, object]) -> dict[str, str]:
    answer = await connection.request(method, path, json.dumps(body).encode())
    if answer.status != 200:
        raise RuntimeError(f"{method} {path} was answered with {answer}")
    found: dict[str, str] = answer.json()
    return found
