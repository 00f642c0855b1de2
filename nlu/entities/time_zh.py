"""Days and spans of days in Chinese: 大后天, 下周三, 本月5号, 春节前一天, 腊月二十八, 三天后."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from nlu.entities import days as d
from nlu.entities import holidays
from nlu.entities.atoms import Atom, Day, Handler, Rule, Scene, only
from nlu.entities.numerals import chinese, digit_row

_N = r"(?:\d{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二两三四五六七八九])"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])"
_WEEK = "(?:周|星期|礼拜)"
_NOT_INSIDE = r"(?<![\d零〇一二两三四五六七八九十几])"
_LINK = "(?: ?[到至~-] ?)"

_RELATIVE = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3, "寻": -1, "琴": -1, "听": 1}
"""The last three are Cantonese."""
_YEARS = {"前": -2, "去": -1, "今": 0, "本": 0, "明": 1, "来": 1, "后": 2}
_WEEKDAYS = {
    char: number for number, chars in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天末7")) for char in chars
}
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def number(text: str) -> int:
    """A small numeral that a pattern of this module has found."""
    text = text.strip()
    return int(text) if text.isdecimal() else chinese(text) or 0


def steps(words: str) -> int:
    """How many weeks or months 上, 下下, 这个, 本 are away."""
    return words.count("下") - words.count("上")


def _relative_day(match: re.Match[str], scene: Scene) -> Day:
    return only(d.day(scene.today + timedelta(_RELATIVE[match["word"]])))


def _year(match: re.Match[str], scene: Scene) -> Day | None:
    if match["said"]:
        year = scene.today.year + _YEARS[match["said"]]
    else:
        digits = digit_row(match["digits"])
        year = int(digits) if len(digits) == 4 else 2000 + int(digits)
    if not d.FIRST_YEAR <= year <= d.LAST_YEAR:
        return None
    return _within_year(d.year(year), match["place"])


def _within_year(whole: d.Days, place: str | None) -> Day:
    if not place:
        return only(whole)
    if place in ("上半年", "下半年"):
        return only(d.half_of(whole, place[0] == "下"))
    return only(d.third_of(whole, _place(place)))


def _place(word: str) -> str:
    if any(char in word for char in "初头上"):
        return "early"
    return "mid" if "中" in word else "late"


def _half_year(match: re.Match[str], scene: Scene) -> Day:
    return _within_year(d.year(scene.today.year), match[0])


def _year_place(match: re.Match[str], scene: Scene) -> Day:
    place = _place(match["place"])
    return Day(d.each(d.yearly(d.year, years=1), lambda year: d.third_of(year, place)))


def _month(match: re.Match[str], scene: Scene) -> Day:
    near = d.month_of_year(number(match["month"]))
    place = match["place"]
    if not place:
        return Day(near)
    if place in ("上半月", "下半月"):
        return Day(d.each(near, lambda month: d.half_of(month, place[0] == "下")))
    return Day(d.each(near, lambda month: d.third_of(month, _place(place))))


def _month_day(match: re.Match[str], scene: Scene) -> Day | None:
    month, day = number(match["month"]), number(match["day"])
    return Day(d.month_day(month, day)) if 1 <= day <= 31 else None


def _said_month(match: re.Match[str], scene: Scene) -> Day:
    month = d.month(scene.today, steps(match["step"]))
    place = match["place"]
    if not place:
        return only(month)
    if place in ("上半月", "下半月"):
        return only(d.half_of(month, place[0] == "下"))
    return only(d.third_of(month, _place(place)))


def _month_place(match: re.Match[str], scene: Scene) -> Day:
    """月初, 月底 without a month: this month's, or its neighbour's where that one fits better."""
    place = _place(match["place"])
    months = [d.third_of(d.month(scene.today, step), place) for step in (-1, 0, 1)]
    return only(*(days.assuming("month", "period") for days in months))


def _day_of_month(match: re.Match[str], scene: Scene) -> Day | None:
    day = number(match["day"])
    if not 1 <= day <= 31:
        return None
    near = d.day_of_month(day)
    step = match["step"]
    return Day(near) if not step else Day(d.both(d.fixed(d.month(scene.today, steps(step))), near))


def _week(match: re.Match[str], scene: Scene) -> Day:
    """上周, 下下周三, 这个周末; 周三 alone is any week's."""
    step, day = match["step"], match["day"]
    weekend = day == "末"
    if not step:
        return Day(d.weekend_near if weekend else d.weekday(_WEEKDAYS[day]))
    weeks = steps(step)
    if weekend:
        return only(d.weekend(scene.today, weeks))
    whole = d.week(scene.today, weeks)
    return only(whole if not day else d.day(whole.first + timedelta(_WEEKDAYS[day])))


def _quarter(match: re.Match[str], scene: Scene) -> Day:
    if match["step"]:
        return only(d.quarter(scene.today, steps(match["step"])))
    place = number(match["number"] or match["letter"])
    return Day(d.yearly(lambda year: d.quarter(date(year, 3 * place, 1)), years=2))


def _holiday(match: re.Match[str], scene: Scene) -> Day:
    holiday = holidays.by_name()[match["name"]]
    near = holidays.near(holiday)
    if match["off"]:
        return Day(d.each(near, holiday.off))
    if match["beside"]:
        step = _beside(match["beside"])
        return Day(d.each(near, lambda days: d.day(days.first + timedelta(step))))
    return Day(near)


def _beside(words: str) -> int:
    """前一天 and 前夕 are the day before, 后两天 the second day after."""
    if words.endswith(("夕", "晚")):
        return -1
    step = number(words[1:-1])
    return step if words[0] == "后" or words[:2] in ("之后", "以后") else -step


def _lunar(match: re.Match[str], scene: Scene) -> Day | None:
    said, day = match["lunar_month"], match["lunar_day"]
    month = _LUNAR_MONTHS.get(said[0]) or number(said.removesuffix("月"))
    return Day(holidays.lunar_day(month, number(day.removeprefix("初")))) if 1 <= month <= 12 else None


def _new_year_day(match: re.Match[str], scene: Scene) -> Day:
    """大年初三, 年初八."""
    return Day(holidays.lunar_day(1, number(match["day"])))


def _weekdays(match: re.Match[str], scene: Scene) -> list[Atom]:
    """下周一到三: both ends lie in the same week."""
    whole = d.week(scene.today, steps(match["step"] or ""))
    ends = [(match.start(), match.end("first"), match["first"]), (match.start("last"), match.end(), match["last"])]
    if not match["step"]:
        return [Atom(start, end, Day(d.weekday(_WEEKDAYS[day]))) for start, end, day in ends]
    return [Atom(start, end, only(d.day(whole.first + timedelta(_WEEKDAYS[day])))) for start, end, day in ends]


_PLACES = (
    "上旬|中旬|下旬|上半月|下半月"
    "|月?(?:初(?![一二三四五六七八九十])|头|底|末|中(?![国心间午学秋文旬]))"
)  # fmt: skip
_STEP = "(?:[上下]+一?个?|[这本当]个?|今个?)"
_NOT_AFTER_SPAN = "(?<![年月周天时钟之以])"


@cache
def rules() -> tuple[Rule, ...]:
    """Compiled once, when first asked for: the names of the holidays are read from a file."""
    return tuple((re.compile(pattern), handler) for pattern, handler in (*_holiday_rules(), *_DAY_RULES, *_MONTH_RULES))


_DAY_RULES: tuple[tuple[str, Handler], ...] = (
    (rf"{_NOT_AFTER_SPAN}(?P<word>大前|大后|前|昨|今|明|后)(?:天|日|儿个|儿)", _relative_day),
    (r"(?P<word>[寻琴听])日", _relative_day),
    (r"(?P<word>[今明昨琴听])(?=[早晚晨朝夜])", _relative_day),
    (rf"{_NOT_AFTER_SPAN}(?P<word>[后前])(?=晚)", _relative_day),
    (rf"(?P<step>{_STEP})的?{_WEEK}(?P<day>[一二三四五六日天末]|[1-7](?!\d))?(?![期岁边年刊围])", _week),
    (rf"(?:(?<=[周期拜][一二三四五六])|{_NOT_INSIDE})(?P<step>){_WEEK}(?P<day>[一二三四五六日天末]|[1-7](?!\d))", _week),
    (
        rf"(?P<step>{_STEP})?{_WEEK}(?P<first>[一二三四五六日天]){_LINK}(?P<last>[一二三四五六日天])(?![天个点月十])",
        _weekdays,
    ),
)  # fmt: skip

_NOT_A_DAY = r"(?![线楼院馆店门口库机柜栋铺桌台码仓技客段床车厅\d])"
_MONTH_RULES: tuple[tuple[str, Handler], ...] = (
    (
        rf"(?:{_NOT_INSIDE}(?P<digits>(?:19|20)\d\d|[一二][零〇九][零〇一二三四五六七八九]{{2}}|\d\d(?= ?年 ?{_MONTH} ?月)) ?年"
        rf"|{_NOT_AFTER_SPAN}(?P<said>[前去今本明来后])年)(?![级龄纪货费夜])"
        "度?(?P<place>年?(?:[初底末]|中(?![秋国心]))|上半年|下半年)?",
        _year,
    ),
    (r"(?<![年一二两三四五六七八九十\d])[上下]半年", _half_year),
    (r"(?<![\d今明去前后本来一二两三四五六七八九十几])年(?P<place>[初底末]|中(?![秋国]))", _year_place),
    (rf"{_NOT_INSIDE}(?P<month>{_MONTH}) ?月份?(?: ?的?(?P<place>{_PLACES}))?(?!饼)", _month),
    (
        rf"{_NOT_INSIDE}(?P<month>{_MONTH}) ?月 ?(?:份的? ?)?(?P<day>{_DAY})(?![\d个点十天年折件元块])(?: ?[日号])?",
        _month_day,
    ),
    (r"(?<![\d.])(?P<month>1[0-2]|0?[1-9])[./](?P<day>3[01]|[12]\d|0?[1-9]) ?[日号](?!楼)", _month_day),
    (rf"(?P<step>{_STEP})月份?(?:的?(?P<place>{_PLACES}))?(?![饼薪租]|初[一二三四五六七八九十])", _said_month),
    (
        "(?<![0-9一二两三四五六七八九十个上下这本当])(?P<place>月(?:初(?![一二三四五六七八九十])|头|中(?!旬)|底|末|尾))",
        _month_place,
    ),
    (
        rf"{_NOT_INSIDE}(?<![第工编单账a-z#])(?:(?P<step>{_STEP})月的?)?(?P<day>{_DAY}) ?(?:号|日(?![本元常用])){_NOT_A_DAY}",
        _day_of_month,
    ),
    (rf"{_NOT_INSIDE}(?P<step>)(?P<day>{_DAY})(?={_LINK}{_DAY} ?(?:号|日){_NOT_A_DAY})", _day_of_month),
    (
        "第?(?P<number>[一二三四1-4])季度|(?<![a-z])q(?P<letter>[1-4])(?![a-z0-9])|(?P<step>[上下]一?个?|[这本]个?)季度?",
        _quarter,
    ),
)  # fmt: skip


def _holiday_rules() -> tuple[tuple[str, Handler], ...]:
    found = sorted((name for name in holidays.by_name() if name[0] > "\u3000"), key=len, reverse=True)
    either = "|".join(map(re.escape, found))
    return (
        (
            rf"(?P<name>{either})(?:(?P<off>假期|放假期间|放假|期间|长假|小长假|黄金周)"
            rf"|的?(?P<beside>(?:[之以]?[前后]){_N}天|前夕|前一?晚)|当天|那天|当日)?",
            _holiday,
        ),
        (rf"(?:农历|阴历|旧历)(?P<lunar_month>正月|腊月|冬月|{_MONTH}月)(?P<lunar_day>初?{_DAY})", _lunar),
        (rf"(?P<lunar_month>正月|腊月|冬月)(?P<lunar_day>初?{_DAY})", _lunar),
        (rf"{_NOT_INSIDE}(?P<lunar_month>{_MONTH}月)(?P<lunar_day>初(?:十|[一二三四五六七八九]))", _lunar),
        (r"大?年初(?P<day>十|[一二三四五六七八九])", _new_year_day),
    )
