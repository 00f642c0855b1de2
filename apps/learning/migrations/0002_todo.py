import apps.core.ids
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery


def fill_labels(apps, schema_editor):
    """Labels given before: each is an action of its own."""
    turns = apps.get_model("conversations", "Turn").objects.filter(pk=OuterRef("turn"))
    labels = apps.get_model("learning", "Label").objects
    labels.update(action=F("id"), text_key=Subquery(turns.values("text_key")), live_version=Subquery(turns.values("publication")))


class Migration(migrations.Migration):

    dependencies = [
        ('bots', '0001_initial'),
        ('conversations', '0002_todo'),
        ('learning', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='label',
            name='action',
            field=models.UUIDField(db_index=True, default=apps.core.ids.uuid7, editable=False),
        ),
        migrations.AddField(
            model_name='label',
            name='live_version',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='label',
            name='text_key',
            field=models.CharField(default='', editable=False, max_length=32),
        ),
        migrations.RunPython(fill_labels, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='label',
            index=models.Index(fields=['bot', 'text_key'], name='learning_label_text'),
        ),
        migrations.AddIndex(
            model_name='label',
            index=models.Index(fields=['bot', 'created_at'], name='learning_label_recent'),
        ),
    ]
