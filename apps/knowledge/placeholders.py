"""Places in an answer where a company's own figure stands: ``{phone}``, ``{days}``.

A name is letters, digits and ``_`` in single braces. Where braces are meant as they stand, they are doubled
(``{{name}}``, shown as written) or follow a backslash (``\\{id}``, shown without it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"(?<![\\{])\{([^\W\d_]\w{0,39})\}(?!\})")
_MEANT = re.compile(r"\\(\{[^\W\d_]\w{0,39}\})")


def placeholders(answer: str) -> tuple[str, ...]:
    """The names in an answer, each once, in order."""
    return tuple(dict.fromkeys(_PLACE.findall(answer))) if "{" in answer else ()


def unfilled(answer: str, figures: Mapping[str, str]) -> tuple[str, ...]:
    """The names in an answer that have no figure."""
    return tuple(name for name in placeholders(answer) if name not in figures)


def filled(answer: str, figures: Mapping[str, str]) -> str:
    """The answer with its figures; a name without one stays as it is."""
    if "{" not in answer:
        return answer
    return _MEANT.sub(r"\1", _PLACE.sub(lambda found: figures.get(found[1], found[0]), answer))
