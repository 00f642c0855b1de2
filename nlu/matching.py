"""Many phrases at once (Aho–Corasick) and many patterns at once (RE2). Neither has an input that makes it slow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nlu.types import Match

MAX_PATTERN_LENGTH = 500
_PATTERN_MEMORY = 8 << 20


class PhraseSet:
    """Finds phrases in texts; both already normalised. Immutable, safe to share between threads.

    With ``whole_words`` a phrase that begins or ends with a Latin letter or digit is not found inside a longer word or
    number: ``sms`` not in ``smsx``, ``5g`` not in ``15g``. Han characters have no such borders.
    """

    def __init__(self, phrases: Iterable[str], *, whole_words: bool = True) -> None:
        self._whole_words = whole_words
        self._automaton = _automaton({phrase for phrase in phrases if phrase})

    def find_all(self, text: str) -> list[Match]:
        """Every occurrence, overlapping ones too, by start and then longest first."""
        if self._automaton is None:
            return []
        matches = [Match(end + 1 - len(phrase), end + 1, phrase) for end, phrase in self._automaton.iter(text)]
        if self._whole_words:
            matches = [match for match in matches if _on_borders(text, match)]
        return sorted(matches, key=lambda match: (match.start, -match.end)) if len(matches) > 1 else matches

    def find(self, text: str) -> list[Match]:
        """Occurrences that do not overlap: from the left, the longest at each place."""
        kept: list[Match] = []
        for match in self.find_all(text):
            if not kept or match.start >= kept[-1].end:
                kept.append(match)
        return kept


def _automaton(phrases: set[str]) -> Any:
    if not phrases:
        return None
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for phrase in sorted(phrases):
        automaton.add_word(phrase, phrase)
    automaton.make_automaton()
    return automaton


def _on_borders(text: str, match: Match) -> bool:
    return not (
        (match.start > 0 and _narrow(text[match.start - 1]) and _narrow(text[match.start]))
        or (match.end < len(text) and _narrow(text[match.end - 1]) and _narrow(text[match.end]))
    )


def _narrow(char: str) -> bool:
    return char.isascii() and char.isalnum()


class PatternSet:
    """Finds which of many RE2 patterns occur in a text, case aside.

    Raises:
        ValueError: on building, where a pattern is refused; the message names it. ``validate_pattern`` says why.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._set = _pattern_set(patterns)

    def search(self, text: str) -> list[int]:
        """Indexes of the patterns found anywhere in ``text``, ascending."""
        return sorted(self._set.Match(text) or ()) if self._set is not None else []


def _pattern_set(patterns: Sequence[str]) -> Any:
    if not patterns:
        return None
    import re2

    built = re2.Set.SearchSet(_options())
    for pattern in patterns:
        reason = validate_pattern(pattern)
        if reason is not None:
            raise ValueError(f"{pattern!r}: {reason}")
        built.Add(pattern)
    built.Compile()
    return built


def _options() -> Any:
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    return options


def validate_pattern(pattern: str) -> str | None:
    """Why a pattern cannot be used, in plain words; None where it can."""
    if not pattern.strip():
        return "The pattern is empty."
    if len(pattern) > MAX_PATTERN_LENGTH:
        return f"The pattern is longer than {MAX_PATTERN_LENGTH} characters."
    import re2

    try:
        compiled = re2.compile(pattern, options=_options())
    except re2.error as error:
        return _plain_reason(str(error))
    if compiled.search("") is not None:
        return "The pattern matches an empty text, so it would match every message."
    return None


def _plain_reason(error: str) -> str:
    text = error.strip("b'\"")
    if "invalid perl operator" in text:
        return "Look-around such as (?=…) or (?<!…) is not supported."
    if "invalid escape sequence" in text:
        return f"An escape is not supported (there are no back-references): {text.rpartition(': ')[2]}"
    if "missing )" in text or "unexpected )" in text:
        return "A bracket ( or ) has no partner."
    if "missing ]" in text:
        return "A bracket [ has no partner."
    if "repetition" in text or "too large" in text:
        return f"A repetition is wrong or too large: {text.rpartition(': ')[2]}"
    return f"The pattern cannot be read: {text}"


def find_pattern(pattern: str, text: str, *, whole: bool = False) -> str:
    """What a checked pattern finds first in a text, case aside; empty where it finds nothing. A group is the find, if any,
    unless the ``whole`` find is wanted.

    Raises:
        ValueError: it is no RE2; ``validate_pattern`` says so beforehand.
    """
    import re2

    try:
        match = re2.compile(pattern, options=_options()).search(text)
    except re2.error as error:
        raise ValueError(f"{pattern!r}: {_plain_reason(str(error))}") from error
    if match is None:
        return ""
    return str(match.group(1 if not whole and match.re.groups and match.group(1) else 0))
