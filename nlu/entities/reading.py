"""The raw text in one spelling and with every character at its own place.

``nlu.normalize`` may shorten a text; entities need the opposite: full width to half width, capitals to small letters,
traditional to simplified characters, and a text exactly as long as the raw one, so that its offsets are the raw ones.
"""

from __future__ import annotations

import unicodedata

from nlu.types import Normalized


def reading(view: Normalized) -> str:
    """The raw text of a view, character by character in its matching spelling; ``len(result) == len(view.raw)``.

    A character that stands for several (㈱, ½) stays as it was written; an invisible one becomes a space.
    """
    raw, text, offsets = view.raw, view.text, view.offsets
    if offsets == tuple(range(len(raw))):
        return _marks(text, raw)
    out = [_plain(char) for char in raw]
    last = len(offsets) - 1
    for i, place in enumerate(offsets):
        alone = (i == 0 or offsets[i - 1] != place) and (i == last or offsets[i + 1] != place)
        if alone:
            out[place] = text[i]
    return _marks("".join(out), raw)


def _marks(text: str, raw: str) -> str:
    """One apostrophe for two (valentine’s), and full-width commas as they were: 3，100 are two numbers."""
    if "，" in raw:
        text = "".join("，" if old == "，" else new for old, new in zip(raw, text, strict=True))
    return text.replace("\u2019", "'")


def _plain(char: str) -> str:
    """What the view dropped: white space, invisible characters, and repeated ones."""
    if char.isspace() or not char.isprintable():
        return " "
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char
