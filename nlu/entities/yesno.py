"""Whether a message says yes or no: 嗯 · 对的 · 不用了 · 没问题 · 不行 · yes please · nope.

The words stand in ``nlu/data/yes_no.tsv``. Words are read at the beginning of each clause, because 可以 in
可以退吗 and 对 in 对不起 answer nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlu.entities.tables import names, rows
from nlu.entities.types import Found

_CLAUSE = re.compile(r"[^,，。.!！;；~、?？\n]+[?？]*")
_LEAD = re.compile(
    r" *(?:(?:哦|噢|啊|呃|额|诶|哎|欸|哈|(?:oh|ah|um+|er+|well|hmm+|and|so|hi|hello)\b|我觉得|应该|那) *)*"
)
_QUESTION = re.compile(r"(?:[吗么嘛?？]|是不是|行不行|好不好|可不可以|对不对|要不要)[ ?？]*$")
_PARTICLES = re.compile(
    "(?:[的了吧啊呀呢哦噢喔啦哈呗嘞哒咯滴喽嘛额 ~]|谢谢|多谢|谢了|麻烦了?"
    r"|(?:please|pls|thanks|thank you|thx|then|mate|sir|that's all|you)\b)*"
)


@dataclass(frozen=True, slots=True)
class _Word:
    yes: bool
    strength: int
    """2 decides; 1 is a mere sign of listening (嗯, ok) that a decided word overrules."""
    opens: bool
    """Whether words may follow in the same clause."""
    length: int
    """How much of the phrase is the answer: 不用 of 不用退."""


@cache
def _words() -> tuple[re.Pattern[str], dict[str, _Word]]:
    table: dict[str, _Word] = {}
    neither: list[str] = []
    for kind, words in rows("yes_no", 2):
        if kind == "neither":
            neither += names(words)
            continue
        for word in names(words):
            answer, _, more = word.partition("/")
            strength = 1 if "weak" in kind else 2
            table[answer + more] = _Word(kind.startswith("yes"), strength, "open" in kind, len(answer))
    for word in neither:
        table.pop(word, None)
    every = sorted((*table, *neither), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, every))), table


def yes_no(text: str) -> list[Found]:
    """At most one answer of a reading: the first that decides, else the first sign of agreement.

    A "yes" and a "no" that both decide (好的，不用了 is a plain no; 可以，不行 is none) leave the answer open.
    """
    found = [answer for clause in _CLAUSE.finditer(text) for answer in _answers(text, clause)]
    decided = [(word, span) for word, span in found if word.strength == 2] or found[:1]
    if not decided or len({word.yes for word, _ in decided}) > 1:
        return []
    word, (start, end) = decided[0]
    return [Found("yes_no", start, end, word.yes)]


def _answers(text: str, clause: re.Match[str]) -> list[tuple[_Word, tuple[int, int]]]:
    """The answers at the beginning of a clause: 嗯嗯对 has two."""
    pattern, table = _words()
    end = clause.end()
    place = _end(_LEAD.match(text, clause.start(), end))
    found: list[tuple[_Word, tuple[int, int]]] = []
    while place < end:
        match = pattern.match(text, place, end)
        if match is None or match[0] not in table or not _whole(text, match):
            break
        after = _end(_PARTICLES.match(text, match.end(), end))
        found.append((table[match[0]], (match.start(), match.start() + table[match[0]].length)))
        place = after
    rest = text[place:end].strip(" ")
    if found and (_QUESTION.search(text[clause.start() : end]) or (rest and not found[-1][0].opens)):
        found.pop()
    return found


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _whole(text: str, match: re.Match[str]) -> bool:
    """A Latin word does not end inside a longer one: no of now."""
    last, after = text[match.end() - 1], text[match.end() : match.end() + 1]
    return not (last.isascii() and last.isalpha() and after.isascii() and (after.isalpha() or after == "'"))
