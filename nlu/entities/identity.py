"""Citizen identification numbers of the People's Republic of China (GB 11643): 17 digits and a check character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from nlu.entities.types import Found

_SHAPE = re.compile(r"(?<![\da-z])[1-9]\d{5}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dx](?![\da-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10x98765432"


def id_numbers(text: str) -> Iterator[Found]:
    """Numbers in a reading whose check character and date of birth are right."""
    for match in _SHAPE.finditer(text):
        number = re.sub("[ -]", "", match[0])
        if valid(number):
            yield Found("id_number", *match.span(), number.upper())


def valid(number: str) -> bool:
    """Whether 18 characters (a small or capital X at the end) make a number that can exist."""
    number = number.lower()
    if not re.fullmatch(r"\d{17}[\dx]", number) or not _is_date(number[6:14]):
        return False
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11] == number[17]


def _is_date(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True
