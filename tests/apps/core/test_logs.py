"""Logs carry no personal data, and keep what helps to find a fault."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings

from apps.core.logs import MaskPersonalData, mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13812345678。", "电话138****5678。"),
        ("+86 138 1234 5678", "138****5678"),
        ("8613812345678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("打１３８１２３４５６７８", "打138****5678"),
        ("身份证11010519491231002X号", "身份证110105********002X号"),
        ("110105194912310021", "110105********0021"),
        ("卡号 6222020200112230442", "卡号 6222********0442"),
        ("6222 0202 0011 2230 442", "6222******** 442"),
        ("4111-1111-1111-1111", "4111********1111"),
        ("mail li.lei@shop.example.com now", "mail l***@shop.example.com now"),
        ("a@b.cn", "a***@b.cn"),
        ("ｌｉ@ｓｈｏｐ.ｃｎ", "l***@shop.cn"),
        ("13812345678和13987654321", "138****5678和139****4321"),
    ],
)
def test_personal_data_is_masked(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "订单 20260601",
        "order SO20260601123456789",
        "订单 2026060112345678",
        "parcel 202606011234567890",
        "1790000000000000",
        "12345",
        "10000 毫安时",
        "400-000-0199",
        "12315",
        "2026-06-01 12:00:00",
        "turn 0190f3c2-7d1e-7abc-9def-0123456789ab",
        "v12 @home",
        "全角的字不动，（也不动）",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert mask(text) == text


def test_the_filter_masks_arguments_too() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "call %s about %d", ("13812345678", 3), None)
    assert MaskPersonalData().filter(record)
    assert record.getMessage() == "call 138****5678 about 3"


def test_the_trace_of_an_error_is_masked_too() -> None:
    try:
        raise ValueError("no such phone: 13812345678")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), info)
    MaskPersonalData().filter(record)
    assert "13812345678" not in logging.Formatter().format(record)
    assert "ValueError" in logging.Formatter().format(record)


def test_every_handler_masks() -> None:
    assert settings.LOGGING["handlers"]
    assert all("mask" in handler["filters"] for handler in settings.LOGGING["handlers"].values())
