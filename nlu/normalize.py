"""The matching view of a text: one spelling for what customers write in many, with the way back to the raw text.

In order: compatibility forms (NFKC), lower case, invisible characters out, traditional to simplified characters,
runs of white space to one space, and three or more equal characters to two. Digits are never collapsed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from nlu import lexicon
from nlu.types import Lang, Normalized

if TYPE_CHECKING:
    from opencc import OpenCC

MAX_EXPANSION = 18
"""``len(text) <= MAX_EXPANSION * len(raw)``: U+FDFA, the longest compatibility form in Unicode, has 18 characters."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:'[a-z]+)?", re.IGNORECASE)
_LATIN_RUN = re.compile(r"[a-z0-9\u00df-\u024f]+")
_REPEAT = re.compile(r"(.)\1{2,}", re.DOTALL)
_UNEVEN_SPACE = re.compile(r"[^\S ]|^ | $|  ")
_NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两")
# Printable by category but without a glyph of their own: joiners, Hangul and Khmer fillers, the braille blank, and the
# variation selectors and tag characters that can carry hidden text.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
_GONE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SHORT_WORD = 4
_MAX_PASSES = 8


def normalise(raw: str) -> Normalized:
    """The matching view of ``raw``; ``normalise(normalise(x).text).text == normalise(x).text``."""
    text, offsets = raw, list(range(len(raw)))
    for _ in range(_MAX_PASSES):
        before = text
        for step in (_compatible, _visible, _simplified, _spaced, _collapsed):
            text, offsets = step(text, offsets)
        if text == before:
            break
    return Normalized(raw=raw, text=text, offsets=tuple(offsets), lang=detect_lang(text))


def detect_lang(text: str) -> Lang:
    """``zh`` where Han characters are at least as many as Latin words, ``en`` where only those are; else ``zh``."""
    latin = len(_LATIN_WORD.findall(text))
    return "en" if latin > len(_HAN.findall(text)) else "zh"


def warm_up() -> None:
    """Loads the character tables, so that the first customer does not wait for them."""
    normalise("準備")


def _compatible(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    if text.isascii() or (unicodedata.is_normalized("NFKC", text) and len(text.lower()) == len(text)):
        return text.lower(), offsets
    folded = "".join([unicodedata.normalize("NFKC", char).lower() for char in text])
    if len(folded) == len(text) and not any(map(_joins_previous, text)):
        return folded, offsets  # the common case: full-width punctuation, one character for one
    chars: list[str] = []
    origins: list[int] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _joins_previous(text[end]):
            continue
        piece = unicodedata.normalize("NFKC", text[start:end]).lower()
        chars.append(piece)
        origins.extend(offsets[min(start + i, end - 1)] for i in range(len(piece)))
        start = end
    return "".join(chars), origins


def _joins_previous(char: str) -> bool:
    """Whether NFKC may compose ``char`` with what stands before it: marks, and the later parts of a Hangul syllable."""
    return char >= "\u0300" and (unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff")


def _visible(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    if text.isprintable() and not _UNSEEN.search(text):
        return text, offsets
    kept = [(char, origin) for char, origin in zip(text, offsets, strict=True) if not _invisible(char)]
    return "".join(char for char, _ in kept), [origin for _, origin in kept]


def _invisible(char: str) -> bool:
    return not char.isspace() and (unicodedata.category(char) in _GONE_CATEGORIES or _UNSEEN.match(char) is not None)


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def _simplified(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    if text.isascii() or not _HAN.search(text):
        return text, offsets
    converted = _converter().convert(text)
    if len(converted) != len(text):  # a phrase changed its length: positions would shift, so go character by character
        converted = "".join(_simplified_char(char) for char in text)
    return converted, offsets


def _simplified_char(char: str) -> str:
    converted: str = _converter().convert(char)
    return converted if len(converted) == 1 else char


def _spaced(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    if not _UNEVEN_SPACE.search(text):
        return text, offsets
    chars: list[str] = []
    origins: list[int] = []
    for char, origin in zip(text, offsets, strict=True):
        if not char.isspace():
            chars.append(char)
            origins.append(origin)
        elif chars and chars[-1] != " ":
            chars.append(" ")
            origins.append(origin)
    if chars and chars[-1] == " ":
        del chars[-1], origins[-1]
    return "".join(chars), origins


def _collapsed(text: str, offsets: list[int]) -> tuple[str, list[int]]:
    drop: set[int] = set()
    for run in _REPEAT.finditer(text):
        if not _keeps_repeats(text, run):
            drop.update(range(run.start() + 2, run.end()))
    if not drop:
        return text, offsets
    kept = [i for i in range(len(text)) if i not in drop]
    return "".join(text[i] for i in kept), [offsets[i] for i in kept]


def _keeps_repeats(text: str, run: re.Match[str]) -> bool:
    """Numbers in any script, and short Latin words, where the count is the meaning: AAA, XXXL, VIII, www."""
    char = run[1]
    if char in _NUMERALS or char.isnumeric():
        return True
    word = next((m for m in _LATIN_RUN.finditer(text) if m.start() <= run.start() < m.end()), None)
    return word is not None and len(word[0]) <= _SHORT_WORD


# --- the key of exact lookup ------------------------------------------------------------------------------------

_JOINERS = frozenset(".:/-,")


def match_key(text: str) -> str:
    """The key of exact lookup of an already normalised ``text``: no punctuation, emoji or polite edges.

    A space stays between Latin words and numbers, and a point, colon, slash, comma or hyphen between two digits
    (3.5 is not 35). Empty only where ``text`` has no letter and no digit.
    """
    bare = _bare(text)
    return _without_edges(bare) or bare


def question_key(raw: str) -> str:
    """The key of exact lookup of a text as somebody wrote it: :func:`match_key` of its normalised form."""
    return match_key(normalise(raw).text)


def _bare(text: str) -> str:
    out: list[str] = []
    gap = ""
    for i, char in enumerate(text):
        if _is_word_char(char):
            if gap and out and _is_narrow(out[-1]) and _is_narrow(char):
                out.append(gap)
            out.append(char)
            gap = ""
        elif _between_digits(text, i):
            gap = char
        elif char in "+#%" and out and not gap and _is_narrow(text[i - 1]):
            out.append(char)
        else:
            gap = gap or " "
    return "".join(out)


def _is_word_char(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def _is_narrow(char: str) -> bool:
    """Letters and digits of scripts that put spaces between words, and the signs kept after them (c++, 5%)."""
    return char in "+#%" or (_is_word_char(char) and not _HAN.match(char))


def _between_digits(text: str, i: int) -> bool:
    return text[i] in _JOINERS and 0 < i < len(text) - 1 and text[i - 1].isdigit() and text[i + 1].isdigit()


@cache
def _edges() -> tuple[tuple[str, ...], tuple[str, ...]]:
    start, end = lexicon.lines("polite_start"), lexicon.lines("polite_end")
    return tuple(sorted(start, key=len, reverse=True)), tuple(sorted(end, key=len, reverse=True))


def _without_edges(key: str) -> str:
    starts, ends = _edges()
    while True:
        found = next((s for s in starts if key.startswith(s) and _breaks(s[-1:] + key[len(s) : len(s) + 1])), None)
        if found is None:
            break
        key = key[len(found) :].lstrip()
    while True:
        found = next((e for e in ends if key.endswith(e) and _breaks(key[-len(e) - 1 : -len(e)] + e[:1])), None)
        if found is None:
            break
        key = key[: -len(found)].rstrip()
    return key


def _breaks(pair: str) -> bool:
    """Whether a word may end between the two characters (or at the text's edge)."""
    return len(pair) < 2 or not (_is_narrow(pair[0]) and _is_narrow(pair[1]))
