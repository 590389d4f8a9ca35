"""What the service holds, and whether that grew."""

import statistics
from dataclasses import astuple, dataclass, fields

import redis

from benchmarks.processes.service import Service

DATABASE_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
# What a quarter may have more than another one, and still be as large: a share of it, and an amount.
TOLERANCE = {
    "megabytes": (0.05, 5),
    "threads": (0, 2),
    "descriptors": (0.15, 10),
    "streams": (0.15, 10),
    "database": (0, 2),
    "redis": (0, 2),
}


@dataclass(frozen=True)
class Sample:
    """Memory, threads and descriptors of the workers, streams as they count them, and the connections that PostgreSQL
    and Redis have."""

    megabytes: float
    threads: float
    descriptors: float
    streams: float
    database: float
    redis: float

    def __str__(self) -> str:
        values = (round(value, 1) for value in astuple(self))
        return "  ".join(f"{part.name} {value:g}" for part, value in zip(fields(self), values, strict=True))


class Sampler:
    """Takes samples of a service. Blocking."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._redis = redis.Redis(unix_socket_path=str(service.valkey.socket))

    def sample(self) -> Sample:
        workers = self._service.server.worker_processes()
        return Sample(
            megabytes=sum(worker.memory_info().rss for worker in workers) / 1024**2,
            threads=sum(worker.num_threads() for worker in workers),
            descriptors=sum(worker.num_fds() for worker in workers),
            streams=self._service.server.metric("chat_streams"),
            database=self._service.sql(DATABASE_CONNECTIONS)[0][0],
            redis=len(self._redis.client_list()),
        )

    def close(self) -> None:
        self._redis.close()


@dataclass(frozen=True)
class Growth:
    """One part of the samples: its median in the second quarter of the run, and in the last one."""

    name: str
    early: float
    late: float

    @property
    def is_too_much(self) -> bool:
        share, amount = TOLERANCE[self.name]
        return self.late > self.early * (1 + share) + amount

    def __str__(self) -> str:
        return f"{self.name:12} {self.early:10.1f} -> {self.late:10.1f}"


def growth_of(samples: list[Sample]) -> list[Growth]:
    """How each part grew from the second quarter to the last. The first is for pools and caches to fill."""
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    return [
        Growth(name, *(statistics.median(getattr(sample, name) for sample in part) for part in (early, late)))
        for name in TOLERANCE
    ]
