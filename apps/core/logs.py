"""Logs carry no personal data: what looks like a phone, an ID card, a bank card or an e-mail address is masked."""

from __future__ import annotations

import logging
import re

# \b does not fire between a Chinese character and a digit, hence the look-around on letters and digits.
_EDGE, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_ID_CARD = re.compile(rf"{_EDGE}(\d{{6}})(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(\d{{3}}[\dXx]){_END}")
_PHONE = re.compile(rf"{_EDGE}(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{{4}}[- ]?(\d{{4}}){_END}")
_CARD = re.compile(rf"{_EDGE}(?:\d{{13,19}}|\d{{4}}(?:[ -]\d{{4}}){{2,3}}[ -]\d{{1,4}}){_END}")
_EMAIL = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*(@[A-Za-z0-9.-]+\.[A-Za-z]{2,})")
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FORMATTER = logging.Formatter()


def mask(text: str) -> str:
    """``text`` with the middle of each personal number or address starred out; full-width ones come out narrow."""
    narrow = text.translate(_NARROW)
    masked = _ID_CARD.sub(r"\1********\2", narrow)
    masked = _PHONE.sub(r"\1****\2", masked)
    masked = _CARD.sub(_masked_card, masked)
    masked = _EMAIL.sub(r"\1***\2", masked)
    return text if masked == narrow else masked


def _masked_card(match: re.Match[str]) -> str:
    """Only what has a card's check digit (Luhn); other long numbers are orders and parcels, which a log needs."""
    digits = [int(char) for char in match[0] if char.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return f"{match[0][:4]}********{match[0][-4:]}" if sum(digits[-1::-2] + doubled) % 10 == 0 else match[0]


class MaskPersonalData(logging.Filter):
    """Masks the finished message, arguments included, and the traceback below it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info:
            # The formatter takes a text that is there already.
            record.exc_text = mask(record.exc_text or _FORMATTER.formatException(record.exc_info))
        return True
