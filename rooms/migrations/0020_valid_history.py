"""Check the rooms that are there, without a lock that others wait for."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rooms", "0019_history")]
    operations = [ValidateConstraint("room", "rooms_room_history")]
