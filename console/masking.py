"""Hides what a glance need not see: the middle of phone numbers, and all of a name but its first character. Pure."""

from __future__ import annotations

import re
from typing import Any

PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
OPENID = re.compile(r"(?<![\w-])(o[\w-]{5})[\w-]{22}(?![\w-])")


def mask_phones(text: object) -> str:
    """Return a text with its mobile numbers as 138****0001 and its openids cut short (D17)."""
    return OPENID.sub(r"\1…", PHONE.sub(r"\1****\2", str(text)))


def mask_name(name: str) -> str:
    """Return a name of which only the first character is left: 张＊＊."""
    return name[:1] + "＊" * (len(name) - 1)


def render_detail(detail: dict[str, Any]) -> list[tuple[str, str]]:
    """Return an audit entry's details as pairs of masked words; lists are joined, what is empty is left out."""
    pairs = []
    for key, value in sorted(detail.items()):
        if value in (None, "", [], {}):
            continue
        words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        pairs.append((key, mask_phones(words)))
    return pairs
