"""Hides what a sentence tells about a person, so that staff may read it to teach from: numbers, homes, names. Pure.

It would rather hide too much than too little; codes and words of services stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DOCUMENT_LENGTH, _HIDDEN = 18, "〔证件号〕"
# six digits of a region, the day of birth, three more and a sign: no other number of 18 looks so
_DOCUMENT = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])")
_RULES: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "〔邮箱〕"),
    (re.compile(r"https?://\S+|www\.\S+"), "〔链接〕"),
    (re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])|(?<!\d)\d{15}(?!\d)"), "〔证件号〕"),
    (re.compile(r"(?<!\d)\d(?:[ -]?\d){15,18}(?!\d)"), "〔卡号〕"),
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d){8}(?!\d)"), "〔手机号〕"),
    (re.compile(r"(?<!\d)0\d{2,3}[ -]?\d{7,8}(?!\d)"), "〔电话〕"),
    (re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][ ·]?[0-9A-Za-z]{5,6}"), "〔车牌〕"),
    (
        re.compile(
            r"(?:[\d一二三四五六七八九十]+(?:号|\s)?(?:栋|幢|座|号楼|楼)[\s-]*)(?:[\d一二三四五六七八九十]+单元[\s-]*)?"
            r"(?:[\d一二三四五六七八九十零〇]+(?:室|号|层)?)?"
        ),
        "〔房号〕",
    ),
    (re.compile(r"(?<![\d:：.])\d{3,4}(?:室|房|户)"), "〔房号〕"),
    (
        re.compile(r"((?:我叫|我是|名叫|叫做|姓名[:：]?|联系人[:：]?)\s*)[\u4e00-\u9fff]{2,3}(?=[，,。.\s、！!]|$)"),
        r"\1〔姓名〕",
    ),
    (re.compile(r"(?<![\d:：.])\d{5,}(?![\d:：.])"), "〔号码〕"),
)


def hide_documents(text: str) -> str:
    """Return the text without numbers of identity cards: 18 digits, or 17 and an X. They are never kept (R2, D05)."""
    return _DOCUMENT.sub(_HIDDEN, text) if len(text) >= _DOCUMENT_LENGTH else text


def hide_personal(text: str) -> str:
    """Return the sentence with phones, documents, cards, plates, homes, addresses of mail and given names replaced."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
