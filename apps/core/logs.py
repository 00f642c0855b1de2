"""Logs carry no personal data: what looks like a phone, an ID card, a bank card or an e-mail address is masked."""

from __future__ import annotations

import logging
import re

# \b does not fire between a Chinese character and a digit, hence the look-around on letters and digits.
_EDGE, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_RULES = (
    (re.compile(rf"{_EDGE}(\d{{6}})\d{{8}}(\d{{3}}[\dXx]){_END}"), r"\1********\2"),
    (re.compile(rf"{_EDGE}(\d{{4}})\d{{5,11}}(\d{{4}}){_END}"), r"\1********\2"),
    (re.compile(rf"{_EDGE}(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{{4}}[- ]?(\d{{4}}){_END}"), r"\1****\2"),
    (re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*(@[A-Za-z0-9.-]+\.[A-Za-z]{2,})"), r"\1***\2"),
)


def mask(text: str) -> str:
    """``text`` with the middle of each personal number or address starred out."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class MaskPersonalData(logging.Filter):
    """Masks the finished message, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        return True
