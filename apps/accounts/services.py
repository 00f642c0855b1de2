"""Writes to organisations."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Organisation
from apps.core.errors import Invalid


@transaction.atomic
def organisation_for_bot(*, name: str = "") -> Organisation:
    """The organisation of that name, created if there is none; without a name the only one, or a new one.

    Raises:
        Invalid: there are several and none was named.
    """
    if name:
        return Organisation.objects.get_or_create(name=name)[0]
    first = list(Organisation.objects.order_by("created_at")[:2])
    if len(first) > 1:
        raise Invalid(_("There are several organisations; name one with --organisation."))
    return first[0] if first else Organisation.objects.create(name="My organisation")
