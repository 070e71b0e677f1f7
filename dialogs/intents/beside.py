"""What stands in a sentence beside the wish: when, which home, whose number, how much, how many, who speaks. Pure text.

Says only where such spans are and of what kind, so that they do not mislead the learned part; what they mean is read by
dialogs/answers and dialogs/times. A night, a feast, a length of days, a building without a door and one person alone are
no such spans: they tell of the wish. Taking out sums, numbers of people, a bare day or a bare hour was measured too: unseen
hands were understood worse, because chatter is known by them. One pattern, because it is asked for every sentence.
"""

import re
from typing import NamedTuple

_CN = "零〇一二两三四五六七八九十"
_SMALL = rf"(?:(?<!\d)\d{{1,2}}(?!\d)|[{_CN}]{{1,3}})"
_PART = r"(?:上午|下午|中午|早上|早晨|傍晚|午后|一大?早)"
_MINUTE = rf"(?:半(?![天个小年月])|[一三]刻|过?(?:\d{{2}}(?!\d)|[{_CN}]{{2,3}}|[{_CN}]{{1,2}}分)分?)"
_NO_HOUR = (  # 三点五米, 三点建议, 三点半课堂
    rf"(?![{_CN}\d]+[米元块万倍个平度斤吨])(?!建议|意见|要求|问题|原因|想法|希望|半?(?:课堂|学校|放学|托管|班))"
)
_HOUR = (  # 一点 is "a little" unless more follows
    rf"(?:(?<![有早晚快差好第小大这那每])(?:一点(?=[钟整半])|(?!一点){_SMALL}点){_NO_HOUR}(?:钟|整)?{_MINUTE}?"
    r"|(?<![\d:.])\d{1,2}:\d{2}(?![\d:]))"
)
_CLOCK = rf"(?:{_HOUR}(?:\s*(?:到|至|-|~)\s*{_PART}?{_HOUR})?)"
_WEEK = r"(?:周|星期|礼拜)"
_NEAR = (
    r"(?:大后天|(?<![透文说声证表鲜聪光英以之午前先最])"
    r"(?:[今明后](?:天(?!气|花板|天|空)|日(?![游报式本])|儿个?(?![童子女]))|[今明](?:早(?!上)|(?=早上|上午|中午|下午|傍晚))))"
)
_WEEKDAY = (
    rf"(?:(?<![一二三四五六七八九十两几个每\d])(?:(?:下下?|这|本)个?)?{_WEEK}"
    rf"(?:[一二三四五六日天1-7](?![次回遍趟常报\d])(?:\s*[到至和或-]\s*{_WEEK}?[一二三四五六日天末])?|末(?={_PART}|\d))"
    rf"|(?:下下?|这|本)个?{_WEEK}末(?![游班]))"
)
_DATE = (
    rf"(?:(?<![\d个]){_SMALL}月份?{_SMALL}[号日]?(?![天点个])|(?<![\d月第楼栋幢座元层房院区路线]){_SMALL}"
    r"(?:号(?![楼院线门车单出入机库])|日(?![常子内游间报式])))"
)
_ABOUT = r"(?:左右|前后|之前|以前|之后|以后)?"
_DAY = rf"(?:{_NEAR}|{_WEEKDAY}|{_DATE})"
_TIME = rf"{_DAY}[的,\s]?(?:{_PART}[\s,]?{_CLOCK}?|{_CLOCK}){_ABOUT}"
_MOMENT = rf"(?:{_DAY}|{_PART}\s?{_CLOCK}|{_CLOCK}){_ABOUT}"
_BLOCK = rf"(?:\d{{1,3}}|[{_CN}]{{1,3}}|[a-z]\d{{0,2}})"
_DOOR = rf"(?:(?:[{_CN}\d]{{1,3}}[楼层])?(?:\d{{3,4}}|[{_CN}]{{3,4}})(?:室|号(?!线)|房(?![子间])|户)?(?![\d元块年平]))"
_HOME = (
    rf"(?<![\da-z.-]){_BLOCK}\s?(?:号楼|栋楼?|幢楼?|座|号院?|#楼?|-)\s?(?:{_BLOCK}\s?(?:单元|门|-)\s?)?{_DOOR}"
    rf"|{_BLOCK}单元\s?{_DOOR}|(?<![\d.])\d{{3,4}}(?:室|房(?![子间]))"
)
_NUMBER_IS = r"(?:(?:我的?|请?打我?的?)?(?:电话|手机号?码?|号码|联系方式|联系电话)(?:号码?)?(?:是|打|:)?\s?)?"
_PHONE = (
    rf"{_NUMBER_IS}(?<!\d)(?:1[3-9]\d[\s-]?\d{{4}}[\s-]?\d{{4}}|0\d{{2,3}}-?\d{{7,8}}"
    r"|[一幺][三四五六七八九][零〇幺一二三四五六七八九]{9})(?!\d)"
)
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = rf"[{_PROVINCE}][\s·.]?[a-hj-np-z][\s·.]?[a-hj-np-z0-9]{{4,5}}[a-hj-np-z0-9挂学警港澳](?![a-z0-9])"
_SUM = rf"(?!一块(?!钱))(?:\d{{1,9}}(?:\.\d{{1,2}})?[百千万]?|[{_CN}百千万]{{1,9}})"
_MONEY = rf"{_SUM}(?:元|块钱|块(?![地板砖布毛玻]))(?:钱|以内|以下|左右|上下)?"
_SOME = r"(?:\d{1,2}|[两二三四五六七八九十俩仨]{1,3})"
_PEOPLE = rf"(?:{_SOME}(?:个人|人(?![民家工])|(?<!两)口人?(?!井)|位(?!置))|(?:{_SOME}|一)个?大人?(?:{_SOME}|一)个?小孩?)"
_NAME = r"(?:我|免贵)姓[\u4e00-\u9fff]|(?:我是|叫我|我叫)[\u4e00-\u9fff]{1,2}(?:先生|女士|小姐|太太)"
MISLEADING = frozenset({"home", "phone", "plate", "name", "time"})  # the others tell of the wish, or harm it not
_KINDS = {
    "home": _HOME, "phone": _PHONE, "plate": _PLATE, "name": _NAME,
    "time": _TIME, "moment": _MOMENT, "money": _MONEY, "people": _PEOPLE,
}  # fmt: skip
_FIRST = rf"[\d{_CN}百千万俩仨幺今明后大下上这本周星礼中早傍午我请打电手号联叫免a-z{_PROVINCE}]"  # nothing else can begin one
_BESIDE = re.compile(f"(?={_FIRST})(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()) + ")")
_MARKS = " ,。!?;~…:.—、"
_MARK = re.compile(f"[{_MARKS}]")
# a building alone is no wish either; 七座 may be a car
_PLACE = re.compile(rf"(?![五七57]座$)[\d{_CN}]+(?:号楼|栋|幢|座|-)[\d{_CN}号楼栋单元层室户 -]*")


class Span(NamedTuple):
    """One detail at [start, end) and its kind: home, phone, plate, name, money, people, time (a day with its hour), moment."""

    start: int
    end: int
    kind: str


def find_beside(text: str) -> list[Span]:
    """Return the details of a normalised text in their order; they never overlap."""
    return [Span(found.start(), found.end(), str(found.lastgroup)) for found in _BESIDE.finditer(text)]


def is_only_beside(text: str) -> bool:
    """Say whether a normalised text consists of details and marks only: somebody answers, but nothing was asked."""
    bare = text.strip(_MARKS)
    rest = _MARK.split(_BESIDE.sub(" ", bare))
    return _PLACE.fullmatch(bare) is not None or (bool(bare) and all(not piece or _PLACE.fullmatch(piece) for piece in rest))
