"""Metrics of webhooks for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

ATTEMPTS = Counter("chat_webhook_attempts_total", "Attempts to deliver an event, by how they ended", ["result"])
ATTEMPT_SECONDS = Histogram(
    "chat_webhook_attempt_seconds",
    "Time of an attempt until its answer",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)
WAITING = Gauge("chat_webhook_waiting", "Deliveries that wait, seen about every 15 s", multiprocess_mode="mostrecent")
OLDEST_WAITING = Gauge(
    "chat_webhook_oldest_waiting_seconds",
    "Age of the oldest delivery that waits, to endpoints that are enabled",
    multiprocess_mode="mostrecent",
)

for result in ("delivered", "retried", "failed"):
    ATTEMPTS.labels(result)
