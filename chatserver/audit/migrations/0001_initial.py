from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            "AuditEntry",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
                ("service_id", models.BigIntegerField(help_text="the service account")),
                ("key_id", models.BigIntegerField(help_text="its key")),
                ("person_id", models.BigIntegerField(help_text="for whom it acted, if it did", null=True)),
                ("method", models.TextField()),
                ("route", models.TextField()),
                ("targets", models.JSONField(help_text="the ids in the path and of what it answered with")),
                ("status", models.SmallIntegerField()),
                ("request_id", models.TextField()),
            ],
            options={"verbose_name_plural": "audit entries", "default_permissions": ("view",)},
        ),
    ]
