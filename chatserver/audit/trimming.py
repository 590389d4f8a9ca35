"""Deletes old entries of the audit."""

from datetime import timedelta

from django.utils import timezone

from chatserver.audit.models import AuditEntry

AUDIT_TRIM_ROWS = 10_000


def trim_audit(days: int) -> int:
    """Delete the entries that are older than this, in steps. Returns how many."""
    old = AuditEntry.objects.filter(at__lt=timezone.now() - timedelta(days=days)).order_by("at")
    total = 0
    while count := AuditEntry.objects.filter(pk__in=old.values("pk")[:AUDIT_TRIM_ROWS]).delete()[0]:
        total += count
    return total
