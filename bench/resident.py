"""A resident who only answers what is asked: from what a conversation waits for to the next thing she says.

She knows nothing of scripts. Where an answer was not taken, she says the next thing that comes to her mind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SKIP = "跳过"
WORDS: Mapping[str, Sequence[str]] = {
    "text": ("阳台那边，麻烦上门看看", "书法", "三号柜"),
    "number": ("2", "30", "90"),
    "amount": ("100元", "2000元"),
    "phone": ("13800138000",),
    "date": ("后天", "下个月15号", "三个月前"),
    "time": ("下午三点", "上午十点"),
    "datetime": ("后天下午三点", "下周三上午十点"),
    "timerange": ("下午三点到五点", "上午九点到十一点"),
    "yesno": ("是", "不是"),
    "rating": ("5",),
    "room": ("1栋2单元301",),
    "address": ("1栋2单元301",),
    "plate": ("鲁B12345",),
    "review": ("确认",),
}
IMAGE = "[image]"
AGE = ("岁", "多大", "年纪")


def answer(awaiting: Mapping[str, Any], question: str, tries: int = 0) -> str:
    """Return what she says to a question: `awaiting` as `conversation` prints it; `tries` counts answers not taken."""
    kind = awaiting["type"]
    if kind == "number" and any(word in question for word in AGE):
        return "30"
    if kind == "image":
        return IMAGE if awaiting["required"] else SKIP
    if not awaiting["required"] and kind not in ("choice", "multi", "yesno"):
        return SKIP
    options = awaiting["options"]
    if kind in ("choice", "multi") and options:
        return str(options[tries % len(options)]["number"])
    known = WORDS[kind]
    return known[tries % len(known)]
