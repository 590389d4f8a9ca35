"""The limit on open files of a server process: each connection is one, so it bounds connections and streams.

A process that runs out of descriptors can't accept, and would try again and again.
"""

import resource

from django.conf import settings

# Connections of a worker besides its streams. Granian's own default, 1,024 in all, would leave further ones hanging
# without an answer.
SPARE_CONNECTIONS = 2_000
# The database, Redis, the log, Python's own. Where there are few files, a quarter of them.
OWN_FILES = 128


def allow_open_files() -> int:
    """Raise this process's limit to what CHAT_MAX_STREAMS needs, as far as the system lets us. Returns the limit."""
    wanted = settings.CHAT_MAX_STREAMS + SPARE_CONNECTIONS + OWN_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))
    return reachable


def max_connections(files: int) -> int:
    """How many connections a process with this limit may accept; further ones wait in the kernel."""
    return files - min(OWN_FILES, files // 4)


def max_streams(files: int) -> int:
    """How many of them may be streams. The others answer requests, and refuse further streams."""
    connections = max_connections(files)
    return min(settings.CHAT_MAX_STREAMS, connections - min(OWN_FILES, connections // 4))
