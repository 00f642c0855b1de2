from __future__ import annotations

from typing import Any

import pytest

from dialog.task.options import matching, option_json
from dialog.task.ports import ActionOption

OPTIONS = [
    option_json(option)
    for option in (
        ActionOption(
            "o1",
            "云杉降噪耳机 Pro 黑色",
            words=("耳机",),
            extra={"no": "20261120008832", "placed": "2026-11-20T10:00:00+08:00"},
        ),
        ActionOption(
            "o2",
            "恒温电水壶",
            words=("水壶", "kettle"),
            extra={"no": "20261123005530", "placed": "2026-11-23T10:00:00+08:00"},
        ),
        ActionOption(
            "o3", "扫地机器人", words=("vacuum",), extra={"no": "20261124005530", "placed": "2026-11-24T08:00:00+08:00"}
        ),
    )
]


def places(kind: str, value: Any) -> list[int]:
    return matching(OPTIONS, {"kind": kind, "value": value, "said": str(value)})


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("code", "20261120008832", [0]),
        ("code", "8832", [0]),
        ("code", "5530", [1, 2]),
        ("code", "9999", []),
        ("name", "水壶", [1]),
        ("name", "my kettle", [1]),
        ("name", "降噪耳机", [0]),
        ("name", "扫地的机器人", [2]),
        ("name", "电视机", []),
        ("ordinal", 0, [0]),
        ("ordinal", -1, [2]),
        ("ordinal", 3, []),
        ("ordinal", "middle", [1]),
        ("recent", None, [0]),
        ("value", "o3", [2]),
        ("time", {"start": "2026-11-24T00:00:00+08:00", "end": "2026-11-25T00:00:00+08:00"}, [2]),
        ("time", {"start": "2026-11-01T00:00:00+08:00", "end": None}, [0, 1, 2]),
    ],
)
def test_which_options_are_meant(kind: str, value: Any, found: list[int]) -> None:
    assert places(kind, value) == found


@pytest.mark.parametrize(
    ("said", "found"), [(("08:00", "09:00"), [2]), (("08:00", "12:00"), [0, 1, 2]), (("14:00", "15:00"), [])]
)
def test_a_clock_without_a_day_means_that_hour_of_any_day(said: tuple[str, str], found: list[int]) -> None:
    span = {side: f"2026-11-26T{clock}:00+08:00" for side, clock in zip(("start", "end"), said, strict=True)}
    assert matching(OPTIONS, {"kind": "time", "value": span, "said": "", "clock": True}) == found


def test_nothing_is_meant_where_nothing_is_offered() -> None:
    for kind, value in (("ordinal", 0), ("recent", None), ("name", "水壶"), ("code", "1")):
        assert matching([], {"kind": kind, "value": value, "said": ""}) == []
