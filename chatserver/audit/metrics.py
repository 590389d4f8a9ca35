"""Metrics of the audit for Prometheus."""

from prometheus_client import Counter

AUDIT_DELAYED = Counter("chat_audit_delayed_total", "Entries of the audit that could not be written at once")
