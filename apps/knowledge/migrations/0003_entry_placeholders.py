import re

from django.db import migrations

PLACE = re.compile(r"(?<![\\{])\{([^\W\d_]\w{0,39})\}(?!\})")
BATCH = 500


def note_placeholders(apps, schema_editor):
    """Entries saved before note now which figures their answers name."""
    Entry = apps.get_model("knowledge", "Entry")
    rows = []
    for entry in Entry.objects.filter(answer__contains="{").only("pk", "answer").iterator(chunk_size=BATCH):
        entry.placeholders = " ".join(sorted(set(PLACE.findall(entry.answer))))
        if entry.placeholders:
            rows.append(entry)
    Entry.objects.bulk_update(rows, ["placeholders"], batch_size=BATCH)


class Migration(migrations.Migration):

    dependencies = [
        ("knowledge", "0002_figures"),
    ]

    operations = [
        migrations.RunPython(note_placeholders, migrations.RunPython.noop),
    ]
