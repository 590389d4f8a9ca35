"""Metrics of the streams for Prometheus."""

from prometheus_client import Counter, Gauge

STREAMS = Gauge("chat_streams", "Open streams", multiprocess_mode="livesum")
DELIVERIES = Counter("chat_deliveries_total", "Frames put on the queues of streams")
CUTS = Counter("chat_streams_cut_total", "Streams that were cut off without a bye", ["reason"])
RESETS = Counter("chat_resets_total", "Resumes that were answered with a reset", ["reason"])
RESUMES = Counter("chat_resumes_total", "Resumes that were served", ["source"])
CATCH_UPS = Counter("chat_hub_catch_ups_total", "Times this process read rows from the log that no broadcast brought")
HISTORIES_LOST = Counter(
    "chat_hub_histories_lost_total", "Times PostgreSQL was found to lack rows that this process had delivered"
)
POSITION = Gauge("chat_hub_position", "Newest position that this process has delivered", multiprocess_mode="livemin")

# A counter that first appears with its first event has no rise for Prometheus: it begins at zero.
for reason in ("behind", "stuck", "shutdown", "error"):
    CUTS.labels(reason)
for reason in ("too_far_behind", "trimmed", "future", "lost", "rejoined"):
    RESETS.labels(reason)
for source in ("memory", "log"):
    RESUMES.labels(source)
