from __future__ import annotations

import pytest

from dialog.task.labels import city_label, time_label
from nlu.entities.extract import entities
from tests.dialog.task.hotel import NOW


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ("明天", "11月26日（周四）", "Thu 26 Nov"),
        ("明天下午三点", "11月26日（周四）15:00–16:00", "Thu 26 Nov, 15:00–16:00"),
        ("周五上午", "11月27日（周五）08:00–12:00", "Fri 27 Nov, 08:00–12:00"),
        ("2027年3月1日", "2027年3月1日（周一）", "Mon 1 Mar 2027"),
        ("12月1号到3号", "12月1日（周二）至12月3日（周四）", "Tue 1 Dec to Thu 3 Dec"),
    ],
)
def test_a_time_is_shown_as_an_absolute_date(said: str, zh: str, en: str) -> None:
    (time,) = entities(said, now=NOW, kinds=("time",))
    assert isinstance(time.value, dict)
    assert time_label(time.value, NOW, "zh") == zh
    assert time_label(time.value, NOW, "en") == en


def test_a_city_is_shown_in_the_language_of_the_turn() -> None:
    assert city_label({"city": "北京", "en": "Beijing"}, "zh") == "北京"
    assert city_label({"city": "北京", "en": "Beijing", "airport": "PKX"}, "en") == "Beijing PKX"
