"""Reads for the shop's pages."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.demo.shop.models import Invoice


def invoice_of(invoice_id: UUID) -> Invoice:
    """The invoice with its order; its id is known to the customer alone.

    Raises:
        NotFound: there is none.
    """
    invoice = Invoice.objects.filter(pk=invoice_id).select_related("order").first()
    if invoice is None:
        raise NotFound(_("There is no such invoice."))
    return invoice
