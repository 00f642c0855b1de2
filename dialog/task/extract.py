"""Values for a flow's slots from one message: every slot's own finder runs, whatever was asked.

A value that needs options to be known (a customer's own order) stays a mention until they are at hand. Words of a role
(从, to) tell two slots of one type apart; what is left over goes to the slot that was asked for, or to the only one of its
type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialog.rules import stands_alone
from dialog.task.heard import ENTITY_KINDS, Heard
from dialog.task.model import EnumValue, Slot
from dialog.task.options import matching
from dialog.task.state import Bound
from dialog.types import Json
from nlu.entities.types import Entity
from nlu.entities.yesno import yes_no
from nlu.matching import find_pattern
from nlu.normalize import normalise

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NOT = re.compile(
    r"(?:不是|不要|不想|别|不用|并非|没(?:有)?要?|not|isn't|don't(?: want)?)(?:\s*(?:要|开|选|填|办|用|the|an?|to))*\s*$"
)
_RECENT = re.compile(
    r"最近(?:的|买的|下的|那)|刚(?:刚|才)?(?:买|下|拍|订)(?:的|了)?|(?:最新|上一|最后一)(?:单|笔|个订单)"
    r"|\b(?:my )?(?:last|latest|most recent|newest) (?:order|one|purchase)\b"
)
_SAME = re.compile(
    r"(?:刚才|刚刚|上面|前面|同一|还是)(?:说的|查的|那|这)?(?:一)?(?:单|个订单|笔|个)"
    r"|(?:这|该)(?:单|个订单|笔)|\bthe same (?:order|one)\b"
)
_LEAD = re.compile(
    r"^(?:(?:嗯+|哦+|呃+|那|好[的了]?)[，,、 ]+)*"
    r"(?:(?:我的|就)?新?(?:(?:地址|抬头|姓名|邮箱|名称)(?:就)?(?:是|为|叫|写|填|用|开|改成|改为|换成)?"
    r"|(?:原因|名字)(?:就)?(?:是|为|叫|写|填|用|改成|改为|换成|(?=[:：，, ])))[:：，, ]*"
    r"|(?:我|就|应该)?(?:是(?![否不])|写(?![了错着过]))|(?:我|就)叫|(?:改成|改为|换成|发到|寄到|送到)[:：，, ]*)?"
    r"(?:(?:it's|it is|make it|put|use|to|the (?:title|reason|address|name) is|because)\s+)*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s。.!！~，,]+$|(?:谢谢|吧|哈|啊|呀|please|thanks?)[。.!！]*$", re.IGNORECASE)

STORY = 200
"""A text that may be as long as this tells a story."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value for a slot, or with ``mention`` words that its options will tell. ``sure``: it names this slot and no other,
    so that it may replace a value that stands there."""

    slot: str
    bound: Bound | None = None
    mention: Mapping[str, Json] | None = None
    sure: bool = False
    loose: bool = False
    """It is meant only if the message says nothing else."""


def extract(
    heard: Heard,
    slots: Sequence[Slot],
    *,
    asked: str = "",
    options: Mapping[str, Sequence[Any]],
    filled: Mapping[str, Bound],
) -> list[Found]:
    """What a message says about ``slots``; ``options`` were shown before, ``filled`` are bound already."""
    found: list[Found] = []
    for slot in slots:
        match slot.type:
            case "enum":
                found += _enum(heard, slot, asked, slot.name in filled)
            case "ref":
                found += _ref(heard, slot, asked, slots, options)
            case "text" | "address":
                found += _text(heard, slot, asked)
            case "pattern":
                found += _pattern(heard, slot, asked)
            case "email":
                found += _email(heard, slot)
            case _:
                pass
    for kind in ("city", "time", "phone", "id_number", "amount", "number"):
        found += _entities(heard, [slot for slot in slots if slot.type == kind], asked, filled)
    found = _times_shared(found, slots, asked, options)
    return [one for one in found if not one.loose] or found


def _times_shared(
    found: list[Found], slots: Sequence[Slot], asked: str, options: Mapping[str, Sequence[Any]]
) -> list[Found]:
    """A time said where a list was shown picks one of its lines; where none fits, it is for a slot of its own."""
    times = {slot.name for slot in slots if slot.type == "time"}
    picks = [one for one in found if one.slot == asked and one.mention and one.mention["kind"] == "time"]
    told = {one.slot for one in found if one.slot in times}
    if not picks or not told:
        return found
    if any(matching(options.get(asked, ()), one.mention) for one in picks if one.mention):
        return [one for one in found if one.slot not in times]
    needs = next(slot.needs for slot in slots if slot.name == asked)
    return found if told & set(needs) else [one for one in found if one not in picks]


# --- enums ------------------------------------------------------------------------------------------------------


def _enum(heard: Heard, slot: Slot, asked: str, filled: bool) -> list[Found]:
    """A mere yes or no is a value only where it was asked for: to a confirm it is the answer."""
    text = heard.message.text
    told = slot.name == asked or not filled or _has_turn(text)
    keys = _said_values(text, slot, single=slot.name == asked, bare=told)
    if len(keys) > 1:
        keys = keys[-1:] if _has_turn(heard.message.text) else []
    if keys:
        return [Found(slot.name, Bound(keys[-1]), sure=True)]
    for span in heard.spans(slot):
        key = next((k for k in _said_values(normalise(span).text, slot, single=True)), "")
        if key or slot.open:
            return [Found(slot.name, Bound(key or span), sure=slot.name == asked)]
    if slot.name != asked:
        return []
    place = next((one.value for one in heard.kind("ordinal")), None)
    if isinstance(place, int) and -len(slot.values) <= place < len(slot.values):
        return [Found(slot.name, Bound(slot.values[place].key), sure=True)]
    return []


def _said_values(text: str, slot: Slot, *, single: bool, bare: bool = True) -> list[str]:
    """Keys whose words stand in the text, by place; longer words win, a denied one does not count, and without ``bare``
    none that only says yes or no."""
    spans: list[tuple[int, int, str]] = []
    known = ((word, value) for value in slot.values for word in _words_of(value))
    words = sorted((pair for pair in known if bare or not yes_no(pair[0])), key=lambda pair: -len(pair[0]))
    for word, value in words:
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            free = all(end <= start or stop <= at for start, stop, _ in spans)
            if free and stands_alone(text, at, end) and (single or len(word) > 1):
                spans.append((at, end, "" if _NOT.search(text[:at]) else value.key))
            at = text.find(word, at + 1)
    return list(dict.fromkeys(key for _, _, key in sorted(spans) if key))


def _words_of(value: EnumValue) -> list[str]:
    return [text for text in (normalise(word).text for word in value.words) if text]


def _has_turn(text: str) -> bool:
    """Whether the customer corrects themselves within the message."""
    return bool(
        re.search(
            r"改成|换成|还是|应该是|不对|说错|算了|而是|哦不|\b(?:no,|actually|i mean|sorry|make it|rather)\b", text
        )
    )


# --- options ----------------------------------------------------------------------------------------------------


def _ref(
    heard: Heard, slot: Slot, asked: str, slots: Sequence[Slot], options: Mapping[str, Sequence[Any]]
) -> list[Found]:
    is_asked = asked == slot.name
    found = _codes(heard, slot, is_asked)
    whole = heard.message.raw.strip() if asked and not is_asked else ""  # the answer to something else
    found += [_mention("name", text, text) for text in heard.spans(slot) if text != whole and not _covered(text, found)]
    places = heard.kind("ordinal")
    found += [_mention("ordinal", one.value, one.text) for one in places if is_asked or _means_another(slot, one)]
    if slot.pattern and not any(mention["kind"] in ("code", "ordinal") for mention in found):
        found += _pointed(heard.message.text)
    alone = slot.pattern and not any(other.type == "time" for other in slots)
    if not found and (is_asked or alone):
        past = not is_asked or slot.prefer == "past"
        found += [_time_mention(one) for one in heard.kind("time", past=past)]
    if not found and is_asked:
        return _loose(heard, slot, options.get(slot.name, ()))
    return [Found(slot.name, mention=mention, sure=mention["kind"] != "time") for mention in found]


def _time_mention(time: Entity) -> Mapping[str, Json]:
    """A clock without a day (九点那个) means that hour of whichever day the options are on."""
    return {**_mention("time", time.value, time.text), "clock": "day" in time.assumed}


def _codes(heard: Heard, slot: Slot, is_asked: bool) -> list[Mapping[str, Json]]:
    kinds = ("order_no", "tail_no", "tracking_no") if slot.pattern in ("", "order_no") else (slot.pattern,)
    if not slot.pattern and not is_asked:
        return []
    return [_mention("code", one.value, one.text) for one in heard.kind(*kinds)]


def _means_another(slot: Slot, place: Entity) -> bool:
    """另一单 means another order, whatever was asked."""
    return bool(slot.pattern) and place.value == "other"


def _pointed(text: str) -> list[Mapping[str, Json]]:
    """最近那单 · 刚才那单: an order by when it was made or spoken of."""
    recent, same = _RECENT.search(text), _SAME.search(text)
    if recent:
        return [_mention("recent", None, recent[0])]
    return [_mention("same", None, same[0])] if same else []


def _loose(heard: Heard, slot: Slot, options: Sequence[Any]) -> list[Found]:
    """When a list was shown, short words may name one of its lines."""
    text = _TAIL.sub("", heard.message.raw).strip()
    mention = _mention("name", text, text)
    if not 1 < len(text) <= 24 or not matching(options, mention):
        return []
    return [Found(slot.name, mention=mention, sure=True, loose=True)]


def _covered(text: str, found: Sequence[Mapping[str, Json]]) -> bool:
    return any(str(one["said"]) in text or text in str(one["said"]) for one in found)


def _mention(kind: str, value: Any, said: str) -> Mapping[str, Json]:
    return {"kind": kind, "value": value, "said": said}


# --- words ------------------------------------------------------------------------------------------------------


def _text(heard: Heard, slot: Slot, asked: str) -> list[Found]:
    spans = heard.spans(slot)
    if spans and (slot.name != asked or _covers(spans[-1], heard.message.raw, slot)):
        return [Found(slot.name, Bound(spans[-1]), sure=slot.name == asked)]
    if slot.name != asked:
        return []
    text = cleaned(heard.message.raw)
    return [Found(slot.name, Bound(text), sure=True)] if text else []


def _covers(span: str, raw: str, slot: Slot) -> bool:
    """Whether a piece that the model marked is the answer: what happened, or an address, is the whole message."""
    return slot.max < STORY and 2 * len(span) > len(raw)


def cleaned(raw: str) -> str:
    """An answer without the words around it: 抬头是…, it's …, …谢谢."""
    text = raw.strip()
    shorter = _TAIL.sub("", _LEAD.sub("", text)).strip()
    return shorter or text


def _email(heard: Heard, slot: Slot) -> list[Found]:
    """The last one: in a correction that is the one meant."""
    return [Found(slot.name, Bound(said), sure=True) for said in _EMAIL.findall(heard.message.raw)[-1:]]


def _pattern(heard: Heard, slot: Slot, asked: str) -> list[Found]:
    texts = [*heard.spans(slot), *([heard.message.raw] if slot.name == asked else [])]
    for text in texts:
        compact = re.sub(r"[\s-]", "", text.upper()) if slot.name == asked else text.upper()
        match = find_pattern(slot.pattern, compact)
        if match:
            return [Found(slot.name, Bound(match), sure=True)]
    return []


# --- entities ---------------------------------------------------------------------------------------------------


def _entities(heard: Heard, slots: Sequence[Slot], asked: str, filled: Mapping[str, Bound]) -> list[Found]:
    """Share the entities of one kind out among the slots of that type."""
    if not slots:
        return []
    past = slots[0].prefer == "past"
    found = heard.kind(*ENTITY_KINDS[slots[0].type], past=past and slots[0].type == "time")
    if len(slots) == 1 and slots[0].type == "time" and len(found) > 1:
        found = found[-1:]
    taken: dict[str, tuple[Entity, bool]] = {}
    left: list[Entity] = []
    for entity in found:
        only = next((slot for slot in slots if slot.name == asked and len(found) == 1), None)
        slot = _by_role(heard.message.raw, entity, slots) or only or _by_span(heard, entity, slots)
        if slot is None:
            left.append(entity)
        else:
            taken[slot.name] = (entity, True)
    for entity in left:
        free = [slot for slot in slots if slot.name not in taken and not _lacks_day(slot, entity)]
        by_need = sorted(free, key=lambda slot: (slot.name != asked, slot.name in filled))
        if by_need:
            alone = len(slots) == 1 or by_need[0].name == asked
            taken[by_need[0].name] = (entity, alone)
        elif len(slots) == 1 and not _lacks_day(slots[0], entity):
            taken[slots[0].name] = (entity, True)
    return [Found(name, _bound(entity), sure=sure) for name, (entity, sure) in taken.items()]


def _lacks_day(slot: Slot, entity: Entity) -> bool:
    """上午九点 tells no day; a day that was told stays."""
    return slot.type == "time" and slot.grain == "day" and "day" in entity.assumed


def _bound(entity: Entity) -> Bound:
    if entity.kind == "time":
        return time_bound(entity)
    value: Any = entity.value
    if entity.kind == "quantity":
        return Bound(value["amount"])
    return Bound(dict(value) if isinstance(value, Mapping) else value)


def time_bound(entity: Entity) -> Bound:
    """A time with the words that told it: a clock may still follow the day."""
    value: Any = entity.value
    return Bound(dict(value), extra={"said": entity.text, "grain": entity.grain})


def _by_role(raw: str, entity: Entity, slots: Sequence[Slot]) -> Slot | None:
    """The slot whose role word stands right before the entity, or right after it."""
    before, after = raw[: entity.start].rstrip(" :：是"), raw[entity.end :].lstrip()
    for slot in slots:
        if any(_ends_in(before, word) for word in slot.role):
            return slot
    for slot in slots:
        if any(after.startswith(word) and len(word) > 1 for word in slot.role):
            return slot
    return None


def _ends_in(text: str, word: str) -> bool:
    end = text.lower().endswith(word.lower())
    return end and stands_alone(text.lower() + " ", len(text) - len(word), len(text))


def _by_span(heard: Heard, entity: Entity, slots: Sequence[Slot]) -> Slot | None:
    for slot in slots:
        names = slot.entity or (slot.name,)
        if any(s.name in names and s.start < entity.end and entity.start < s.end for s in heard.parse.slots):
            return slot if len(slots) > 1 else None
    return None
