from django.conf import settings
from django.db import migrations, models

from apps.conversations.keys import text_key


def fill_text_keys(apps, schema_editor):
    """Turns stored before the column was there."""
    turns = apps.get_model("conversations", "Turn").objects
    for pk, text in turns.filter(text_key="").values_list("pk", "text").iterator(chunk_size=1_000):
        turns.filter(pk=pk).update(text_key=text_key(text))


class Migration(migrations.Migration):

    dependencies = [
        ('bots', '0001_initial'),
        ('conversations', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='turn',
            name='text_key',
            field=models.CharField(default='', editable=False, max_length=32),
        ),
        migrations.RunPython(fill_text_keys, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='feedback',
            index=models.Index(fields=['value', 'created_at'], name='conversations_thumbs'),
        ),
        migrations.AddIndex(
            model_name='transition',
            index=models.Index(fields=['target', 'created_at'], name='conversations_moves'),
        ),
        migrations.AddIndex(
            model_name='turn',
            index=models.Index(fields=['bot', 'text_key'], name='conversations_turn_text'),
        ),
    ]
