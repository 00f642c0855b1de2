"""A company's own figures: what its answers name in braces, and the values that a publication puts there.

They are stored in the bot's profile; a publication freezes those of its moment. An answer that names a figure which
nobody gave is left out of publications.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.bots.models import Bot
from apps.bots.services import bot_update
from apps.core.errors import Invalid
from apps.knowledge.models import Entry, EntryVersion
from apps.knowledge.placeholders import placeholders, unfilled

VALUE_MAX = 200
CONTACTS = ("phone", "phone2", "hotline", "email", "mail", "address", "url", "domain")
"""Names that mean the same in every answer of a starter pack. The others (``days``, ``amount``) are told by the answer."""
_BATCH = 400


@dataclass(frozen=True, slots=True)
class Figure:
    """A name that drafts hold: its value (empty: none yet), how many answers hold it, and one of them."""

    name: str
    value: str
    entries: int
    example: str

    @property
    def label(self) -> str:
        """As it stands in an answer."""
        return f"{{{self.name}}}"

    @property
    def is_contact(self) -> bool:
        return self.name in CONTACTS


def figures_of(bot: Bot) -> dict[str, str]:
    """The values by name, as the next publication will take them."""
    stored = (bot.profile or {}).get("figures")
    found = stored.items() if isinstance(stored, Mapping) else ()
    return {str(name): str(value).strip() for name, value in found if str(value).strip()}


def figures_wanted(bot: Bot) -> tuple[Figure, ...]:
    """Every name that the drafts hold or that has a value: contacts first, then the most frequent."""
    values = figures_of(bot)
    counts = dict.fromkeys(values, 0)
    examples: dict[str, str] = {}
    rows = Entry.objects.filter(bot=bot, archived_at=None).exclude(placeholders="").order_by("created_at", "pk")
    for answer in rows.values_list("answer", flat=True):
        for name in placeholders(answer):
            counts[name] = counts.get(name, 0) + 1
            examples.setdefault(name, answer)
    figures = (Figure(name, values.get(name, ""), count, examples.get(name, "")) for name, count in counts.items())
    return tuple(sorted(figures, key=lambda figure: (not figure.is_contact, -figure.entries, figure.name)))


def waits(bot: Bot) -> Q:
    """The drafts whose answer names a figure without a value: a publish leaves them out."""
    known = figures_of(bot).keys()
    held = Entry.objects.filter(bot=bot, archived_at=None).exclude(placeholders="").order_by()
    sets = held.values_list("placeholders", flat=True).distinct()
    return Q(archived_at=None, placeholders__in=[names for names in sets if not known >= set(names.split())])


def waiting_count(bot: Bot) -> int:
    """How many drafts wait for a figure."""
    return Entry.objects.filter(waits(bot), bot=bot).count()


def waiting_text(bot: Bot, count: int) -> str:
    """For a command: how many drafts were left out, and what to do; empty for none."""
    if not count:
        return ""
    text = ngettext(
        "%(n)d answer names a figure that is not filled in and is not published. Fill it in at /studio/%(slug)s/figures/.",
        "%(n)d answers name figures that are not filled in and are not published. Fill them in at /studio/%(slug)s/figures/.",
        count,
    )
    return text % {"n": count, "slug": bot.slug}


def entries_deprived(bot: Bot, rows: Iterable[Entry]) -> set[UUID]:
    """Those of the entries whose published answer names a figure that was taken away since."""
    figures = figures_of(bot)
    live = [row.live_version for row in rows if row.live_version is not None]
    found: set[UUID] = set()
    for at in range(0, len(live), _BATCH):
        versions = EntryVersion.objects.filter(pk__in=live[at : at + _BATCH]).values_list("entry_id", "payload")
        found.update(entry_id for entry_id, payload in versions if unfilled(payload["answer"], figures))
    return found


@transaction.atomic
def figures_save(*, bot: Bot, values: Mapping[str, str]) -> None:
    """Store the values of the names given; an empty one takes the figure away. Names not given stay as they are.

    Raises:
        Invalid: a name is none, or a value is too long or holds braces; ``fields`` names each.
    """
    cleaned = {name: " ".join(value.split()) for name, value in values.items()}
    problems = {name: problem for name, value in cleaned.items() if (problem := _problem(name, value))}
    if problems:
        raise Invalid(" ".join(problems.values()), fields=problems)
    locked = Bot.objects.select_for_update().get(pk=bot.pk)
    figures = {name: value for name, value in (figures_of(locked) | cleaned).items() if value}
    if figures != figures_of(locked):
        bot_update(bot=locked, changes={"profile": {**(locked.profile or {}), "figures": figures}})
        bot.refresh_from_db()


def _problem(name: str, value: str) -> str:
    if placeholders(f"{{{name}}}") != (name,):
        return _("“%s” is no name of a figure.") % name[:40]
    if len(value) > VALUE_MAX:
        return _("The value of {%(name)s} has more than %(most)d characters.") % {"name": name, "most": VALUE_MAX}
    if "{" in value or "}" in value:
        return _("The value of {%s} must not hold braces.") % name
    return ""
