"""The first tables: the event log, and what the processes tell each other."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Needs nothing of any other app."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.CharField(max_length=32)),
                ("seq", models.BigIntegerField(default=0)),
                ("began", models.BigIntegerField(default=1)),
                ("oldest", models.BigIntegerField(default=1)),
                ("watermark", models.BigIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ServerProcess",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("pid", models.IntegerField()),
                ("host", models.CharField(max_length=200)),
                ("started", models.DateTimeField()),
                ("seen", models.DateTimeField(db_index=True)),
                ("layer", models.CharField(max_length=20)),
                ("layer_why", models.TextField(blank=True)),
                ("bells", models.BigIntegerField(default=0)),
                ("healed", models.BigIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("last_error_at", models.DateTimeField(null=True)),
                ("connections", models.JSONField(default=list)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.CharField(max_length=20)),
                ("user_id", models.CharField(max_length=64, null=True)),
                ("origin", models.CharField(max_length=120, null=True, unique=True)),
                ("body", models.TextField()),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream", models.CharField(max_length=20)),
                ("user_id", models.CharField(max_length=64, null=True)),
                ("origin", models.CharField(max_length=120, null=True)),
                ("frame", models.TextField()),
                ("item_id", models.TextField(null=True)),
                ("status", models.TextField(null=True)),
                ("at", models.CharField(max_length=40)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ItemState",
            fields=[
                ("item_id", models.TextField(primary_key=True, serialize=False)),
                ("status", models.TextField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("user_id", models.CharField(max_length=64)),
                ("endpoint", models.CharField(max_length=60)),
                ("client", models.CharField(blank=True, max_length=64)),
                ("process", models.CharField(max_length=32)),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["user_id", "endpoint"], name="armguard_live_lease_user"),
                    models.Index(fields=["process"], name="armguard_live_lease_process"),
                ],
            },
        ),
    ]
