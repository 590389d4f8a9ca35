"""The check of direct rooms as it is in 0001_initial now, for databases with the older one, which let a NULL pass."""

from django.db import migrations

SHAPE = """
ALTER TABLE rooms_room
    DROP CONSTRAINT rooms_room_direct_shape,
    ADD CONSTRAINT rooms_room_direct_shape CHECK (
        (direct_high_id IS NOT NULL AND direct_low_id IS NOT NULL AND kind = 'direct' AND direct_low_id < direct_high_id)
        OR (NOT (kind = 'direct') AND direct_high_id IS NULL AND direct_low_id IS NULL)
    );
"""


class Migration(migrations.Migration):
    dependencies = [("rooms", "0002_general")]
    operations = [migrations.RunSQL(SHAPE, migrations.RunSQL.noop)]
