"""Days, sums and private data as the shop shows them, in the customer's language."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from dialog.task.labels import day_label


def local(when: datetime) -> datetime:
    """In the shop's own time zone."""
    return timezone.localtime(when)


def day(when: datetime, now: datetime, lang: str) -> str:
    return day_label(local(when), local(now), lang)


def moment(when: datetime, now: datetime, lang: str) -> str:
    """``11月27日（周五）15:00`` or ``Fri 27 Nov, 15:00``."""
    return f"{day(when, now, lang)}{'' if lang == 'zh' else ', '}{local(when):%H:%M}"


def number(sum_: Decimal) -> int | float:
    """A sum as JSON; whole yuan are whole numbers."""
    return int(sum_) if sum_ == sum_.to_integral_value() else float(sum_)


def masked(phone: str) -> str:
    """``138****1234``; the last four digits only where it is short."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else f"****{phone[-4:]}"
