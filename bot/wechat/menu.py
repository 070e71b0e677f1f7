"""Checks a custom menu against the platform's limits before it is sent: the platform names one fault and no place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TOP_NAME_BYTES, SUB_NAME_BYTES = 16, 60
KEY_BYTES, URL_BYTES = 128, 1_024
TOP_BUTTONS, SUB_BUTTONS = 3, 5
# What each type needs besides its name (A8).
NEEDS: dict[str, tuple[str, ...]] = {
    "click": ("key",),
    "view": ("url",),
    "scancode_push": ("key",),
    "scancode_waitmsg": ("key",),
    "pic_sysphoto": ("key",),
    "pic_photo_or_album": ("key",),
    "pic_weixin": ("key",),
    "location_select": ("key",),
    "media_id": ("media_id",),
    "view_limited": ("media_id",),
    "miniprogram": ("url", "appid", "pagepath"),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}
_LONGEST = {"key": KEY_BYTES, "url": URL_BYTES}


def check_menu(buttons: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return every fault with its place (`button[0].sub_button[2].name: ...`), empty when the menu may be sent.

    Lengths count UTF-8 bytes: a Chinese character is three, so a top name holds five of them (A8).
    """
    problems = _check_count("button", buttons, TOP_BUTTONS)
    for index, button in enumerate(buttons):
        problems += _check_top(f"button[{index}]", button)
    return problems


def _check_top(place: str, button: Mapping[str, Any]) -> list[str]:
    problems = _check_size(f"{place}.name", button.get("name"), TOP_NAME_BYTES)
    children = button.get("sub_button")
    if not children:
        return problems + _check_action(place, button)
    if button.get("type"):
        problems.append(f"{place}: a button has either a type or sub-buttons")
    problems += _check_count(f"{place}.sub_button", children, SUB_BUTTONS)
    for index, child in enumerate(children):
        inner = f"{place}.sub_button[{index}]"
        problems += _check_size(f"{inner}.name", child.get("name"), SUB_NAME_BYTES)
        problems += _check_action(inner, child)
        if child.get("sub_button"):
            problems.append(f"{inner}: a sub-button has no sub-buttons")
    return problems


def _check_action(place: str, button: Mapping[str, Any]) -> list[str]:
    kind = str(button.get("type") or "")
    if kind not in NEEDS:
        return [f"{place}.type: {kind or 'nothing'} is not one of {', '.join(NEEDS)}"]
    problems: list[str] = []
    for name in NEEDS[kind]:
        problems += _check_size(f"{place}.{name}", button.get(name), _LONGEST.get(name))
    url = button.get("url")
    if "url" in NEEDS[kind] and isinstance(url, str) and url and not url.startswith(("http://", "https://")):
        problems.append(f"{place}.url: has to start with http:// or https://")
    return problems


def _check_size(place: str, value: object, limit: int | None) -> list[str]:
    if not isinstance(value, str) or not value.strip():
        return [f"{place}: is missing"]
    size = len(value.encode("utf-8", "replace"))
    return [f"{place}: {size} bytes, at most {limit}"] if limit is not None and size > limit else []


def _check_count(place: str, buttons: Sequence[object], limit: int) -> list[str]:
    if 1 <= len(buttons) <= limit:
        return []
    return [f"{place}: {len(buttons)} buttons, between 1 and {limit} are allowed"]
