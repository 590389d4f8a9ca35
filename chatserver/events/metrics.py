"""Metrics of the log for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

SEQUENCED = Counter("chat_log_sequenced_total", "Rows that were given a position by this process")
SEQUENCE_SECONDS = Histogram(
    "chat_log_sequence_seconds", "Time to sequence one batch", buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1)
)
LOG_LAG = Histogram(
    "chat_log_lag_seconds",
    "Age of the oldest row of a batch when it became visible",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5),
)
BROADCAST_LOST = Counter(
    "chat_broadcast_lost_total", "Batches that Redis did not take; the others read them from the log"
)
READER_LAG = Gauge(
    "chat_reader_lag_seconds",
    "Age of the oldest row that a durable reader has not handled, beyond the delay that it is meant to have",
    ["reader"],
    multiprocess_mode="livemax",
)
READER_POISONED = Counter(
    "chat_reader_poisoned_total", "Rows that a durable reader could not handle and that were put aside", ["reader"]
)
READER_MISSED = Counter(
    "chat_reader_missed_total",
    "Rows that were deleted from the log before a durable reader had handled them",
    ["reader"],
)
