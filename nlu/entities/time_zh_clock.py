"""Clock times, parts of days, and points at a distance in Chinese: 晚上八点半, 三天后, 两个半小时内, 最近一周."""

from __future__ import annotations

import re

from nlu.entities.atoms import Atom, Clock, Exact, Part, Rule, Scene, What
from nlu.entities.distance import away, moment, within
from nlu.entities.numerals import NUMERAL, pair, parse
from nlu.entities.time_zh import number
from nlu.entities.types import Grain

_HOUR = "(?:2[0-4]|1\\d|0?\\d|二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_MINUTE = "(?:[0-5]?\\d|[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九]|[一二三四五六七八九])"
_ONE_DIGIT = "(?:[一二三四五六七八九](?!十)|\\d(?!\\d))"
_NOT_INSIDE = r"(?:(?<=[周期拜][一二三四五六])|(?<![\d.:零〇一二两三四五六七八九十几第]))"
_PARTS: dict[str, Part] = {
    "凌晨": Part(0, 6, "dawn"),
    "半夜": Part(0, 5, "dawn"),
    "清晨 早晨 一早 清早 大早 早上 早 晨": Part(6, 9, "am"),
    "上午 午前 上昼 朝早 朝": Part(8, 12, "am"),
    "中午 正午 晌午": Part(11, 13, "noon"),
    "下午 午后 下昼": Part(12, 18, "pm"),
    "傍晚 黄昏": Part(17, 19, "pm"),
    "晚上 晚间 夜晚 夜间 夜里 晚 夜": Part(18, 24, "night"),
    "深夜": Part(22, 26, "night"),
}  # fmt: skip
_BY_WORD = {word: part for words, part in _PARTS.items() for word in words.split()}
_UNITS: dict[str, tuple[Grain, int]] = {
    "分钟": ("minute", 1), "分": ("minute", 1), "刻钟": ("minute", 15),
    "小时": ("minute", 60), "钟头": ("minute", 60),
    "工作日": ("day", 1), "天": ("day", 1), "日": ("day", 1),
    "周": ("week", 1), "星期": ("week", 1), "礼拜": ("week", 1),
    "月": ("month", 1), "年": ("year", 1),
}  # fmt: skip


_AT_ONE = re.compile(r"(?:早上|上|午|晨|夜|里|[今明昨]晚|[天日号]|[周期拜][一二三四五六]) ?的?$")
_A_BIT = re.compile("(?:[早快慢晚多少大小好高低有差点]|便宜|稍微)$")


def _part(match: re.Match[str], scene: Scene) -> Part:
    return _BY_WORD[match[0]]


def _clock(match: re.Match[str], scene: Scene) -> Clock | None:
    hour = number(match["hour"])
    if hour > 24 or (match[0] == "一点" and not _is_one_o_clock(match)):
        return None
    return Clock(hour, _minute(match), approx=bool(match["more"]))


def _minute(match: re.Match[str]) -> int | None:
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 * number(match["quarter"])
    if not match["minute"]:
        return None
    return number(match["minute"].removesuffix("分").strip().lstrip("零") or "0")


def _is_one_o_clock(match: re.Match[str]) -> bool:
    """一点 is mostly "a bit"; it is a time after a day or a part of one, and where a border follows."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    if _AT_ONE.search(before):
        return True
    return after[:1] in tuple("到至前之以左") and not _A_BIT.search(before)


def _bare_hour(match: re.Match[str], scene: Scene) -> Clock:
    """The 9 of 9到11点."""
    return Clock(number(match[0]))


def _two_hours(match: re.Match[str], scene: Scene) -> list[Atom]:
    """七八点: from 7 to 8."""
    first, last = number(match[0][0]), number(match[0][1])
    if last != first + 1:
        return []
    start = match.start()
    return [Atom(start, start + 1, Clock(first)), Atom(start + 1, match.end(), Clock(last))]


def _before_hour(match: re.Match[str], scene: Scene) -> Clock:
    """差五分八点, 差一刻六点."""
    less = 15 if match["less"].endswith("刻") else number(match["less"].removesuffix("分钟").removesuffix("分"))
    return Clock((number(match["hour"]) - 1) % 24, 60 - less)


def _now(match: re.Match[str], scene: Scene) -> Exact:
    return moment(scene, 0)


def _distance(match: re.Match[str], scene: Scene) -> What | None:
    """三天后, 两个半小时前, 一个月以内; 3到5天后 reaches from the third to the fifth day."""
    unit, side = match["unit"], match["side"] or "后"
    both = pair(match["n"])
    low = _amount(match["low"], None, unit) if match["low"] else both and float(both[0] * _UNITS[unit][1])
    high = _amount(match["n"], match["half"], unit) if both is None else float(both[1] * _UNITS[unit][1])
    low = high if low is None else low
    if low is None or high is None:
        return None
    if "内" in side or "里" in side:
        return within(scene, high, _UNITS[unit][0], back=False)
    if not match["side"] and not match["after"]:
        return None
    return away(scene, low, high, _UNITS[unit][0], back="前" in side)


def _amount(text: str, half: str | None, unit: str) -> float | None:
    value: float | None
    if text == "半":
        value = 0.5
    elif text.endswith("半"):
        whole = parse(text.rstrip("半").rstrip("个"))
        value = None if whole is None else whole + 0.5
    else:
        value = parse(text)
    if value is None:
        return None
    return (value + (0.5 if half else 0)) * _UNITS[unit][1]


def _lately(match: re.Match[str], scene: Scene) -> Exact | None:
    steps = _amount(match["n"], match["half"], match["unit"])
    if steps is None:
        return None
    if match["side"] == "前" and match["n"] == "一":
        return None  # the day before something
    back = match["side"] not in ("未来", "接下来", "今后", "往后")
    return within(scene, steps, _UNITS[match["unit"]][0], back=back)


_N = rf"(?:半|{NUMERAL}(?:个?半)?)"
_UNIT = "个? ?(?P<unit>小时|钟头|工作日|星期|礼拜|月|分钟|刻钟|分(?=[后前之以])|天|周|年|日)"
_SIDE = "(?P<side>[之以]?内|[之以]?后(?![天年台面续来])|[之以]?前(?![天年台面])|过后|里(?![面程]))"
_NOT_TIMES = (
    "(?!建议|问题|要求|意见|原因|疑问|点|儿|心|赞|击|餐|菜|评|差|小|不|也|什么|东西|钱|吃|用|难|贵|大|意思|说明|理由)"
)

RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), handler)
    for pattern, handler in (
        (
            "(?:凌晨|半夜|清晨|早晨|一早|清早|大早|早上|上午|午前|上昼|朝早|中午|正午|晌午|下午|午后|下昼"
            "|傍晚|黄昏|晚上|晚间|夜晚|夜间|夜里|深夜)(?!好)",
            _part,
        ),
        ("(?:(?<=[今明昨后前听琴号日天])|(?<=[周期拜][一二三四五六日天]))[早晚晨朝夜](?![点些上间里晨])", _part),
        (
            rf"{_NOT_INSIDE}(?P<hour>{_HOUR}) ?(?:点|时(?![间候尚长]))(?:钟|整)?"
            rf"(?: ?(?:(?P<half>半)|(?P<quarter>[一三13])刻"
            rf"|(?P<minute>{_MINUTE} ?分(?!钟)|(?!{_ONE_DIGIT}){_MINUTE}(?![个人件块元号张天]))))?"
            rf"(?P<more>多|左右)?{_NOT_TIMES}",
            _clock,
        ),
        (rf"{_NOT_INSIDE}{_HOUR}(?= ?[到至~-] ?{_HOUR} ?(?:点|时)(?!间))", _bare_hour),
        (rf"{_NOT_INSIDE}[一二三四五六七八九]{{2}} ?点(?:钟|多|左右)?", _two_hours),
        (rf"差(?P<less>{_MINUTE}分钟?|一刻) ?(?P<hour>{_HOUR}) ?点", _before_hour),
        ("现在|此刻|目前", _now),
        (
            rf"(?P<after>再过|过)?(?<![第\d.:])(?:(?P<low>{NUMERAL})个?[到至~-])?(?P<n>{_N}){_UNIT}(?P<half>半)?(?:的?时间)?{_SIDE}?",
            _distance,
        ),
        (rf"(?P<side>最近|近|过去|前|未来|接下来|今后|往后)的?(?P<n>{_N}){_UNIT}(?P<half>半)?", _lately),
    )
)  # fmt: skip
