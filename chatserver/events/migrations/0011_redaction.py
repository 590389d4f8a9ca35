"""Deleted people: by these indexes the rows are found that show one, and a table holds what is left to be rewritten.

The person who sent a message is its actor. The others are found in the body, where they are a flat object; a direct
room has two. Few rows but messages show people, so the expressions are computed rarely.
"""

from django.db import migrations, models

WITH_PEOPLE = "kind = 0 AND type <> 'message.created' AND strpos(body, '\"username\"') > 0"
INDEXES = rf"""
CREATE INDEX events_event_sender ON events_event (actor_id, position) WHERE kind = 0 AND type = 'message.created';
CREATE INDEX events_event_first_person ON events_event
    (((substring(body FROM '\{{"id" ?: ?(\d+), ?"username" ?:'))::bigint), position) WHERE {WITH_PEOPLE};
CREATE INDEX events_event_second_person ON events_event
    (((substring(body FROM '\}}, ?\{{"id" ?: ?(\d+), ?"username" ?:'))::bigint), position) WHERE {WITH_PEOPLE};
"""
DROP = "DROP INDEX events_event_sender, events_event_first_person, events_event_second_person"


class Migration(migrations.Migration):
    dependencies = [("events", "0010_relation_ids")]
    operations = [
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("user_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("shown", models.TextField(help_text="what is shown of them now, as JSON")),
                ("position", models.BigIntegerField(help_text="rows up to this position were rewritten")),
            ],
        ),
        migrations.RunSQL(INDEXES, DROP),
    ]
