"""Taking away rows of the small lists, and putting them back as they were."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import Conflict, Malformed
from apps.knowledge.models import Rule, SensitiveWord, SynonymGroup

Row: TypeAlias = Rule | SensitiveWord | SynonymGroup

KINDS: dict[str, type[Row]] = {"rule": Rule, "word": SensitiveWord, "synonyms": SynonymGroup}
_SALT = "zhike.knowledge.removed"
_KEPT_SECONDS = 3_600


def row_delete(*, row: Row) -> str:
    """Take the row away; the signed receipt brings it back."""
    kind = next(name for name, model in KINDS.items() if isinstance(row, model))
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    receipt = signing.dumps({"kind": kind, "fields": fields}, salt=_SALT, serializer=_Json)
    row.delete()
    return receipt


def row_restore(*, bot: Bot, receipt: str) -> Row:
    """Bring a row back that was taken away within the last hour.

    Raises:
        Malformed: not a receipt of this bot, or too old.
        Conflict: the same word stands there again.
    """
    try:
        kept = signing.loads(receipt, salt=_SALT, serializer=_Json, max_age=_KEPT_SECONDS)
    except signing.BadSignature as error:
        raise Malformed(_("This can no longer be undone; add it again.")) from error
    if kept["fields"]["bot_id"] != str(bot.pk):
        raise Malformed(_("This can no longer be undone; add it again."))
    row = KINDS[kept["kind"]](**kept["fields"])
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("It is in the list again already.")) from error
    return row


class _Json:
    """Ids and times as their texts."""

    def dumps(self, obj: Any) -> bytes:
        return json.dumps(obj, cls=DjangoJSONEncoder, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
