"""Makes the dumps that are missing: `python -m chatserver.tests.landed_databases.make`. See README.md.

Each comes from the first commit that had its set of migrations, by that commit's own code.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

from chatserver.storage.embedded import Paths, ensure_running
from chatserver.tests.harness.databases import execute
from chatserver.tests.harness.dumps import pg_dump
from chatserver.tests.harness.processes import PROJECT, environment

FOLDER = Path(__file__).parent
COMMITS = {
    "01_first": "355f213",
    "02_direct_pair": "2d543ff",
    "03_token_expiry_index": "b965bbb",
    "04_history_without_horizon": "b7ee100",
    "05_horizon": "75a0dba",
    "06_send_all": "89cd567",
    "07_horizon_and_send_all": "9b7a2a5",
    "08_history": "e144dbb",
    "09_locks_of_members_only": "80880c9",
    "10_reading": "bd62b4c",
}


def make_dump(name: str, commit: str, scratch: Path) -> None:
    engines = Paths(scratch / "data")
    database = f"landed_{name}"
    execute(engines.sockets, f"CREATE DATABASE {database}")
    url = f"postgres://postgres@/{database}?host={engines.sockets}"
    env = environment(url, engines.redis_url, engines.data)
    tree = scratch / name
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], cwd=PROJECT, check=True)
    try:
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=tree, env=env, check=True)
        subprocess.run([*manage, "shell"], cwd=tree, env=env, check=True, input=(FOLDER / "fill.py").read_bytes())
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=PROJECT, check=True)
    text = pg_dump(url, "--inserts")
    (FOLDER / f"{name}.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        ensure_running(Path(scratch) / "data")
        for name, commit in COMMITS.items():
            if not (FOLDER / f"{name}.sql.gz").exists():
                make_dump(name, commit, Path(scratch))
