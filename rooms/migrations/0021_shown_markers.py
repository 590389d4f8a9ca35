"""How far others know that a member has read, and what hidden_seq counts."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0020_valid_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='shown_seq',
            field=models.BigIntegerField(editable=False, help_text='read_seq before it moved back, which only they were told', null=True),
        ),
        migrations.AlterField(
            model_name='membership',
            name='hidden_seq',
            field=models.BigIntegerField(blank=True, help_text="the room's main_seq when it was hidden", null=True),
        ),
    ]
