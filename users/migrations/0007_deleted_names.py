"""The names of people who were deleted before this are taken out of the log and of the admin's audit, too."""

from django.db import migrations

# Rewritten by the first process that is started.
REDACT = """
INSERT INTO events_redaction (user_id, shown, position)
SELECT id, '{"id":' || id || ',"username":' || to_json(username::text) || ',"display_name":' ||
    to_json(display_name::text) || ',"avatar_url":' || to_json(avatar_url::text) || ',"is_deleted":true}', 0
FROM users_user WHERE deleted_at IS NOT NULL
ON CONFLICT DO NOTHING
"""
# Rows of the audit are found by what they are about.
INDEX = "CREATE INDEX users_audited_row ON django_admin_log (content_type_id, object_id)"
USERS = """
UPDATE django_admin_log l SET object_repr = u.username FROM users_user u, django_content_type t
WHERE u.deleted_at IS NOT NULL AND l.object_id = u.id::text AND l.content_type_id = t.id
    AND t.app_label = 'users' AND t.model = 'user'
"""
MEMBERS = """
UPDATE django_admin_log l SET object_repr = 'membership ' || l.object_id FROM django_content_type t
WHERE l.content_type_id = t.id AND t.app_label = 'rooms' AND t.model = 'membership'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0006_held_names"),
        ("events", "0011_redaction"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunSQL([INDEX], "DROP INDEX users_audited_row"),
        migrations.RunSQL([USERS, MEMBERS, REDACT], migrations.RunSQL.noop),
    ]
