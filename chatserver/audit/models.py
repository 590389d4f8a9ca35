"""The table of the audit. A trigger refuses to change its rows (sql/audit_refuse_change.sql)."""

from django.db import models


class AuditEntry(models.Model):
    """A request that came with a service key, and how it was answered."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    service_id = models.BigIntegerField(help_text="the service account")
    key_id = models.BigIntegerField(help_text="its key")
    person_id = models.BigIntegerField(null=True, help_text="for whom it acted, if it did")
    method = models.TextField()
    route = models.TextField()
    targets = models.JSONField(help_text="the ids in the path and of what it answered with")
    status = models.SmallIntegerField()
    request_id = models.TextField()

    class Meta:
        verbose_name_plural = "audit entries"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.method} {self.route} by key {self.key_id}"
