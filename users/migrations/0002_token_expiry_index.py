"""The index of 0001_initial that databases lack which ran it before the index was added there."""

from django.db import migrations

INDEX = "CREATE INDEX IF NOT EXISTS users_token_expires_at_dbfca7d3 ON users_token (expires_at)"


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial")]
    operations = [migrations.RunSQL(INDEX, migrations.RunSQL.noop)]
