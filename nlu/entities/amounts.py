"""Amounts of money: ¥1,288.00, 三百五十块八, 5块5, $12.50, twenty dollars, 赔我3万."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.numerals import ALONE, EN_NUMERAL, NUMERAL, chinese, english, parse, whole
from nlu.entities.types import Found

_SIGNS = {
    "rmb": "CNY", "cny": "CNY", "人民币": "CNY", "¥": "CNY", "us$": "USD", "usd": "USD", "hk$": "HKD", "hkd": "HKD",
    "nt$": "TWD", "twd": "TWD", "s$": "SGD", "a$": "AUD", "c$": "CAD", "$": "USD", "£": "GBP", "gbp": "GBP", "€": "EUR",
    "eur": "EUR", "jpy": "JPY", "jp¥": "JPY", "₩": "KRW", "₹": "INR",
}  # fmt: skip
_NAMES = {
    "块钱": "CNY", "块": "CNY", "元钱": "CNY", "元": "CNY", "圆": "CNY", "人民币": "CNY", "rmb": "CNY", "cny": "CNY",
    "yuan": "CNY", "kuai": "CNY", "蚊": "HKD", "美元": "USD", "美金": "USD", "刀": "USD", "usd": "USD", "dollar": "USD",
    "dollars": "USD", "buck": "USD", "bucks": "USD", "港币": "HKD", "港元": "HKD", "港纸": "HKD", "hkd": "HKD", "欧元": "EUR",
    "欧": "EUR", "euro": "EUR", "euros": "EUR", "eur": "EUR", "英镑": "GBP", "镑": "GBP", "pound": "GBP", "pounds": "GBP",
    "quid": "GBP", "gbp": "GBP", "日元": "JPY", "日币": "JPY", "台币": "TWD", "新台币": "TWD", "韩元": "KRW",
    "€": "EUR", "£": "GBP",
}  # fmt: skip


def _either(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_DIGIT = "[1-9一二两三四五六七八九]"
_NOT_A_PIECE = "(?!屏|砖|板|肉|布|表|手表|蛋糕|地|肥皂|电池|玻璃|木|石|糖|儿|头|毛巾|滑板|拼图|硬盘)"
_SIGNED = re.compile(rf"(?<![a-z])(?P<sign>{_either(_SIGNS)}) ?(?P<n>{NUMERAL})(?:元|块)?(?![\d%])")
_TIMES = re.compile(
    rf"{ALONE}(?P<n>{NUMERAL})(?P<more>来|多|几)?(?P<half>个?半)? ?(?:块|元)"
    rf"(?:(?P<cents>(?:\d{{2}}|{_DIGIT})(?![\d个件条张份月号天年年点]))毛?|零?(?P<jiao>{_DIGIT}|半) ?[毛角])?"
    rf"(?:零?(?P<fen>{_DIGIT}) ?分(?!钟))?(?P<tail>半)?(?:钱|整|人民币)?{_NOT_A_PIECE}"
)
_NAMED = re.compile(rf"{ALONE}(?P<n>{NUMERAL})(?P<more>来|多|几)? ?(?P<name>{_either(_NAMES)})(?![a-z])")
_SMALL = re.compile(
    rf"(?<![\d.块元])(?P<jiao>{NUMERAL}) ?(?:毛钱?|角钱?)(?:(?P<fen>{_DIGIT})(?:分|(?=$|[ ,，。!！?？])))?"
    rf"(?![巾衣线笔病落])|(?P<only>{NUMERAL})分钱"
)
_EN_NAMED = re.compile(
    rf"(?<![a-z\d])(?P<words>{EN_NUMERAL}|an?(?= (?:dollar|pound|euro))) "
    r"(?P<name>dollars?|bucks?|euros?|pounds?|quid|yuan|kuai|rmb)\b"
    rf"|(?<![a-z\d.])(?P<cents>\d{{1,2}}) ?cents?\b"
)
_CUE = (
    r"(?:(?:赔偿?|退款?|付款?|花|扣款?|收费?|价格?|金额|差价|预算|补|转账?|欠|充值?|还款?"
    "|一共|总共|合计|要价|打款|押金|运费|定金|尾款|余额|降|折|减|贵|便宜|省)"
    r"(?:[了我你他她您是的给出到为:： ]|多){0,4}"
    r"|\b(?:refund(?:ed)?|paid|charged?|price|total|amount|cost|budget)(?: of| is| me| was|:)? )"
)
_CUED = re.compile(
    rf"{_CUE}(?P<n>{NUMERAL})(?![\d.:%\-/]|[年月天日号点个件次笔张条份单台位人分小工周级折斤公米楼期倍]|千克|[a-z])"
)
_BIG = re.compile(
    ALONE
    + r"(?P<n>(?:\d+(?:\.\d+)?|[一二两三四五六七八九十]+)万[\d一二三四五六七八九千百]*)(?=$|[ ,，。.!！?？吧的呢了])"
)


def amounts(text: str) -> Iterator[Found]:
    """Amounts in a reading; they may overlap. A number without a currency needs a word for paying, or 万, before it
    counts; its currency is assumed to be the yuan."""
    for match in _SIGNED.finditer(text):
        yield from _made(match, parse(match["n"]), _SIGNS[match["sign"]])
    for match in _TIMES.finditer(text):
        if not _together(match):
            yield from _made(match, _yuan(match), "CNY", "approx" if match["more"] else "")
    for match in _NAMED.finditer(text):
        if not (match["name"] in ("块", "元") or (match["name"] == "刀" and not match["n"][0].isdigit())):
            yield from _made(match, parse(match["n"]), _NAMES[match["name"]], "approx" if match["more"] else "")
    for match in _SMALL.finditer(text):
        yield from _made(match, _jiao(match), "CNY")
    for match in _EN_NAMED.finditer(text):
        yield from _english(match)
    for match in _CUED.finditer(text):
        value = parse(match["n"])
        if value is not None and (len(match["n"]) > 1 or match["n"].isdecimal()):
            money = {"amount": value, "currency": "CNY"}
            yield Found("amount", match.start("n"), match.end("n"), money, None, ("currency",))
    for match in _BIG.finditer(text):
        yield from _made(match, parse(match["n"]), "CNY", "currency")


def _made(match: re.Match[str], value: float | None, currency: str, assumed: str = "") -> Iterator[Found]:
    if value is not None:
        money = {"amount": whole(value), "currency": currency}
        yield Found("amount", *match.span(), money, None, (assumed,) if assumed else ())


def _together(match: re.Match[str]) -> bool:
    """一块 alone is "together" or "one piece"."""
    return match[0] in ("一块", "两块")


def _yuan(match: re.Match[str]) -> float | None:
    """三百五十块八 is 350.8, 12块05 is 12.05, 五块零五分 is 5.05."""
    value = parse(match["n"])
    if value is None:
        return None
    cents = match["cents"]
    if cents:
        value += int(cents) / 100 if len(cents) == 2 else _one(cents) / 10
    if match["jiao"]:
        value += 0.5 / 10 if match["jiao"] == "半" else _one(match["jiao"]) / 10
    if match["fen"]:
        value += _one(match["fen"]) / 100
    return value + (0.5 if match["half"] or match["tail"] else 0)


def _jiao(match: re.Match[str]) -> float | None:
    value = parse(match["jiao"] or match["only"])
    if value is None:
        return None
    return value / 100 if match["only"] else value / 10 + (_one(match["fen"]) / 100 if match["fen"] else 0)


def _one(digit: str) -> int:
    return int(digit) if digit.isdecimal() else chinese(digit) or 0


def _english(match: re.Match[str]) -> Iterator[Found]:
    if match["cents"]:
        yield from _made(match, int(match["cents"]) / 100, "USD")
        return
    words = match["words"]
    yield from _made(match, 1 if words in ("a", "an") else english(words), _NAMES[match["name"]])
