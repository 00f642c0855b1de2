"""Building what answers anew, on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.bots.registry import production_fingerprints
from apps.bots.services import bot_update
from apps.conversations.shelf import models_wanted, shelf
from apps.conversations.wiring import Engine, engine_from_nothing
from apps.core.commands import Progress
from apps.core.errors import Invalid
from apps.knowledge.selectors import publication_load
from apps.knowledge.vectors import vectors_forget
from dialog.kb.models import fingerprint_of
from nlu.encode import ModelUnavailable


@dataclass(frozen=True, slots=True)
class Reindexed:
    """``texts`` counts standard and similar questions; ``seconds`` is reading, encoding and building.

    ``encoder`` is the fingerprint of the vectors (empty: by words alone); ``forgotten`` counts stored vectors of encoders
    that serve no bot any more.
    """

    version: int
    entries: int
    texts: int
    encoder: str
    forgotten: int
    seconds: float


def bot_reindex(*, bot: Bot, progress: Progress | None = None) -> Reindexed:
    """Build the live publication's index from nothing, and make every process do the same before its next answer.

    Vectors that are stored are taken as they are, the others encoded and stored as it goes. A build that fails changes
    nothing: the processes go on with what they have.

    Raises:
        Invalid: the encoder cannot be had.
        RecallUnavailable: the recall engine refuses the texts.
    """
    start = perf_counter()
    engine = _build(bot, progress)
    bot_update(bot=bot, changes={})
    encoder = engine.index.vectors.fingerprint
    return Reindexed(
        version=bot.live_version,
        entries=len(engine.index.entries),
        texts=sum(len(views.positive) for views in engine.index.texts),
        encoder=encoder,
        forgotten=_forget_others(encoder),
        seconds=round(perf_counter() - start, 3),
    )


def _build(bot: Bot, progress: Progress | None) -> Engine:
    def tell(done: int, total: int) -> None:
        if progress:
            progress(_("texts encoded"), done, total)

    publication = publication_load(bot, bot.live_version).publication
    try:
        return engine_from_nothing(publication, shelf().models_or_fail(models_wanted(bot.pk)), tell)
    except ModelUnavailable as error:
        raise Invalid(_("The encoder cannot be used: %s") % error) from error


def _forget_others(encoder: str) -> int:
    """Vectors of encoders that no bot uses; none where it is not certain which encoder serves the others."""
    default = fingerprint_of(shelf().models(models_wanted()).encoder)
    if not encoder or not default:
        return 0
    return vectors_forget(keep={encoder, default, *production_fingerprints()})
