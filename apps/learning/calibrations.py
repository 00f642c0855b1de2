"""Calibrations of a bot: asked for, calculated, applied and taken back.

Calculating is slow and runs in no transaction; a row in the state ``waiting`` is taken by a lease, and whoever holds it
writes the result. The latest applied calibration is the one that counts; undoing it gives back what was there before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.bots.registry import production
from apps.bots.services import bot_update
from apps.conversations.wiring import bot_ref, engines
from apps.core.commands import Progress
from apps.core.errors import Conflict, Invalid
from apps.learning.fitting import PRECISIONS, Fitted, fit, least_labels
from apps.learning.models import Calibration
from apps.learning.questions import Question, data_hash, from_rows, known_questions, merged, to_rows
from apps.learning.replay import fingerprints_of, measured_engine, replay
from dialog.types import Thresholds

State = Calibration.State
LEASE = timedelta(minutes=2)
"""Renewed with every few questions; a row whose holder died is taken by somebody else after it."""
_EVERY = 20


# --- reads --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bot's thresholds came about. ``by_hand``: no calibration, or changed since."""

    thresholds: Thresholds
    current: Calibration | None
    by_hand: bool
    stale: tuple[str, ...]
    """Of ``knowledge`` and ``models`` what changed since the current calibration was made."""


def calibration_current(bot: Bot) -> Calibration | None:
    """The one that counts: the latest that was applied and not undone."""
    return Calibration.objects.filter(bot=bot, state=State.APPLIED).order_by("-applied_at").first()


def calibration_waiting(bot: Bot) -> Calibration | None:
    return Calibration.objects.filter(bot=bot, state=State.WAITING).first()


def calibration_latest(bot: Bot) -> Calibration | None:
    """The latest with a result, whatever became of it."""
    rows = Calibration.objects.filter(bot=bot).exclude(state__in=(State.WAITING, State.FAILED))
    return rows.select_related("by", "bot").order_by("-created_at", "-pk").first()


def calibrations_list(bot: Bot) -> list[Calibration]:
    """The last fifty, latest first, without the questions of files."""
    rows = Calibration.objects.filter(bot=bot).select_related("by", "bot").defer("questions")
    return list(rows.order_by("-created_at", "-pk")[:50])


def standing(bot: Bot) -> Standing:
    current = calibration_current(bot)
    by_hand = bool(bot.thresholds) if current is None else bot.thresholds != current.thresholds
    stale = () if current is None or by_hand else stale_parts(bot, current)
    return Standing(Thresholds.from_json(bot.thresholds or {}), current, by_hand, stale)


def stale_parts(bot: Bot, calibration: Calibration) -> tuple[str, ...]:
    """What changed since the calibration was made; empty where nothing did."""
    knowledge = ("knowledge",) if calibration.version != bot.live_version else ()
    now = fingerprints_of(engines().get_now(bot_ref(bot)))
    return (*knowledge, "models") if calibration.fingerprints != now else knowledge


def questions_of(bot: Bot) -> list[Question]:
    """What a calibration of the bot may use: where a ranker of its own serves, what that was never trained on."""
    found = known_questions(bot)
    served = production("ranker", bot.pk)
    return [q for q in found if q.held_out] if served and served.own else found


# --- asked for, and calculated ------------------------------------------------------------------------------------


@transaction.atomic
def calibration_request(
    *,
    bot: Bot,
    by: User | None,
    precision: float,
    questions: Sequence[Question] = (),
    renews: Calibration | None = None,
) -> Calibration:
    """Have the thresholds for ``precision`` calculated; where that is being done already, the row that waits.

    Raises:
        Invalid: a precision that cannot be asked for.
    """
    low, high = PRECISIONS[0], PRECISIONS[-1]
    if not low <= precision <= high:
        raise Invalid(
            _("A precision lies between %(low)d %% and %(high)d %%.") % {"low": low * 100, "high": high * 100},
            fields={"precision": _("Out of range.")},
        )
    Bot.objects.select_for_update().get(pk=bot.pk)
    waiting = calibration_waiting(bot)
    if waiting is not None:
        return waiting
    rows = to_rows(questions)
    return Calibration.objects.create(bot=bot, by=by, precision=precision, questions=rows, renews=renews)


def calibration_take(calibration: Calibration) -> bool:
    """Take the lease of a row that waits or is looked at again; False where somebody else has it."""
    now = timezone.now()
    free = Calibration.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=calibration.pk)
    return bool(free.filter(state=calibration.state).update(lease_until=now + LEASE))


def calibration_calculate(*, calibration: Calibration, progress: Progress | None = None) -> Calibration:
    """Ask the known questions again and find the thresholds. The caller holds the lease.

    Raises:
        Conflict: the models do not answer; the row waits on.
    """
    bot = Bot.objects.get(pk=calibration.bot_id)
    questions = merged(questions_of(bot), from_rows(calibration.questions))

    def step(what: str, done: int, total: int) -> None:
        if done % _EVERY == 0:
            until = timezone.now() + LEASE
            Calibration.objects.filter(pk=calibration.pk).update(done=done, n=total, lease_until=until)
        if progress:
            progress(what, done, total)

    seen = replay(questions, measured_engine(bot), now=timezone.now(), progress=step)
    current = Thresholds.from_json(bot.thresholds or {})
    fitted = fit(seen.rows, calibration.precision, current, seen.answers, seen.list_size)
    found = {
        "state": State.PROPOSED,
        "result": fitted.to_json(),
        "n": len(seen.rows),
        "needed": fitted.choice(calibration.precision).needed,
        "data_hash": data_hash(row.question for row in seen.rows),
        "version": seen.version,
        "fingerprints": dict(seen.fingerprints),
        "lease_until": None,
    }
    Calibration.objects.filter(pk=calibration.pk, state=State.WAITING).update(**found)
    calibration.refresh_from_db()
    return calibration


def calibration_failed(*, calibration: Calibration, problem: str) -> None:
    """Give up on a row that waits; ``problem`` is a code that the screens word."""
    rows = Calibration.objects.filter(pk=calibration.pk, state=State.WAITING)
    rows.update(state=State.FAILED, problem=problem, lease_until=None)


def calibration_now(
    *, bot: Bot, by: User | None, precision: float, questions: Sequence[Question] = (), progress: Progress | None = None
) -> Calibration:
    """:func:`calibration_request` and :func:`calibration_calculate` in one, for callers that can wait.

    Raises:
        Conflict: somebody calculates already, or the models do not answer.
        Invalid: a precision that cannot be asked for.
    """
    calibration = calibration_request(bot=bot, by=by, precision=precision, questions=questions)
    ours = calibration.questions == to_rows(questions) and calibration.precision == precision
    if not ours or not calibration_take(calibration):
        raise Conflict(_("A calibration of this bot is being calculated already; wait until it is done."))
    try:
        return calibration_calculate(calibration=calibration, progress=progress)
    except Conflict:
        calibration_failed(calibration=calibration, problem="models")
        raise


# --- applied, and taken back --------------------------------------------------------------------------------------


@transaction.atomic
def calibration_apply(*, calibration: Calibration, by: User | None, precision: float | None = None) -> Calibration:
    """Answer by its thresholds from the next message on; ``precision`` may be another one of its choices.

    Where no threshold is proven, the bot offers lists instead of answering by its knowledge. A calibration that is
    applied already is applied anew, as a row of its own, so that each step can be taken back.

    Raises:
        Conflict: it has no result, the knowledge was published anew since, or it has too few labels to say anything.
    """
    bot = Bot.objects.select_for_update().get(pk=calibration.bot_id)
    calibration.refresh_from_db()
    if calibration.state in (State.WAITING, State.FAILED):
        raise Conflict(_("This calibration has no result to apply."))
    if calibration.version != bot.live_version:
        raise Conflict(_("The knowledge was published anew since. Calculate again first."))
    wanted = precision or calibration.precision
    fitted = Fitted.from_json(calibration.result)
    choice = fitted.choice(wanted)
    if not choice.proven and calibration.n < least_labels(choice.precision):
        raise Conflict(_("Too little is labelled to say anything: label %d more first.") % choice.needed)
    row = _again(calibration, by) if calibration.state == State.APPLIED else calibration
    row.previous, row.thresholds = bot.thresholds or {}, fitted.thresholds(wanted).to_json()
    row.state, row.precision, row.needed = State.APPLIED, choice.precision, choice.needed
    row.applied_at, row.applied_by, row.undone_by = timezone.now(), by, None
    bot_update(bot=bot, changes={"thresholds": row.thresholds})
    _checked(row, bot)
    row.save()
    return row


def _again(calibration: Calibration, by: User | None) -> Calibration:
    copied = ("bot_id", "questions", "result", "n", "data_hash", "version", "fingerprints")
    return Calibration(by=by, **{name: getattr(calibration, name) for name in copied})


@transaction.atomic
def calibration_undo(*, calibration: Calibration, by: User | None) -> Thresholds:
    """Answer by the thresholds that it replaced.

    Raises:
        Conflict: it is not the one that counts, or somebody changed the thresholds by hand since.
    """
    bot = Bot.objects.select_for_update().get(pk=calibration.bot_id)
    current = calibration_current(bot)
    if current is None or current.pk != calibration.pk:
        raise Conflict(_("Only the calibration that was applied last can be taken back."))
    if bot.thresholds != current.thresholds:
        raise Conflict(_("The thresholds were changed by hand since. Apply a calibration to replace them."))
    bot_update(bot=bot, changes={"thresholds": current.previous})
    Calibration.objects.filter(pk=current.pk).update(state=State.UNDONE, undone_by=by, lease_until=None)
    older = calibration_current(bot)
    if older is not None:  # somebody chose it: it is not calculated anew behind their back
        _checked(older, bot)
        older.save(update_fields=["checked_version", "checked_revision", "lease_until"])
    return Thresholds.from_json(bot.thresholds)


def calibration_checked(*, calibration: Calibration, bot: Bot) -> None:
    """Note that the calibration was looked at for this state of the bot."""
    _checked(calibration, bot)
    calibration.save(update_fields=["checked_version", "checked_revision", "lease_until"])


def _checked(calibration: Calibration, bot: Bot) -> None:
    calibration.checked_version, calibration.checked_revision = bot.live_version, bot.revision
    calibration.lease_until = None
