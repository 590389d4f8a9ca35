"""Embedded PostgreSQL and Valkey, for when DATABASE_URL and REDIS_URL are not set.

Invariants:
- The engines run while at least one process of the project holds a lease, and stop when the last one is gone,
  however it ended: a lease is a file lock, so the kernel releases it even after `kill -9`.
- Exactly one keeper (a detached process) owns the engines of a data folder; it restarts an engine that died.
- Nothing has to be repaired after a crash: every lock is a kernel lock, and every pid in a file is checked before use.
"""

from chatserver.storage.embedded.lease import EngineError, ensure_running
from chatserver.storage.embedded.paths import Paths

__all__ = ["EngineError", "Paths", "ensure_running"]
