"""The limit on open files of a server process: each stream is one."""

import resource

# The database, Redis, the log, Python's own.
SPARE_FILES = 256


def allow_open_files(streams: int) -> int | None:
    """Raise the limit to what so many streams need, as far as the system lets us: the limit where that is too low."""
    wanted = streams + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return None
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))
    return None if reachable >= wanted else reachable
