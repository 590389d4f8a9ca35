import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0005_drop_old_sequence'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReaderCursor',
            fields=[
                ('name', models.TextField(primary_key=True, serialize=False)),
                ('position', models.BigIntegerField(help_text='rows up to this position were handled or put aside')),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('failing', models.BigIntegerField(help_text='the position of the row that could not be handled', null=True)),
                ('attempts', models.SmallIntegerField(db_default=0, help_text='how often that row was tried')),
                ('retry_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'events_reader',
            },
        ),
        migrations.CreateModel(
            name='RowPutAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.TextField()),
                ('position', models.BigIntegerField()),
                ('error', models.TextField()),
                ('attempts', models.SmallIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when it was put aside')),
                ('is_to_be_retried', models.BooleanField(db_default=False)),
            ],
            options={
                'verbose_name': 'row put aside',
                'verbose_name_plural': 'rows put aside',
                'db_table': 'events_row_put_aside',
                'constraints': [models.UniqueConstraint(fields=('position', 'reader'), name='events_row_put_aside_once')],
            },
        ),
    ]
