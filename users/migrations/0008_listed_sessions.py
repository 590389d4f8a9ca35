import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sessions", "0001_initial"), ("users", "0007_deleted_names")]

    operations = [
        migrations.AddField("token", "last_used_at", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            "UserSession",
            [
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("credential", models.CharField(max_length=80, unique=True)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "session",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="of_user",
                        to="sessions.session",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
