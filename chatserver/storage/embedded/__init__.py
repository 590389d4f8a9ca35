"""PostgreSQL and Valkey of our own, for when DATABASE_URL and REDIS_URL name none.

Invariants:
- The engines run while at least one process of the project holds a lease, and stop when the last one is gone,
  however it went: a lease is a file lock, so the kernel gives it back even after `kill -9`.
- Exactly one keeper (a detached process) owns the engines of a data folder; it restarts an engine that died.
- Nothing here needs a hand after a crash: every lock is a kernel lock, and every pid in a file is checked before use.
"""

from chatserver.storage.embedded.lease import EngineError, ensure_running
from chatserver.storage.embedded.paths import Paths

__all__ = ["EngineError", "Paths", "ensure_running"]
