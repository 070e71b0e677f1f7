"""What the platform accepts as a custom menu, in bytes and numbers. Pure: no database, no HTTP."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from sandbox.errors import ApiError

TOP_BUTTONS, SUB_BUTTONS = 3, 5
TOP_NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024
JUMP_DOMAINS = 3  # over the default menu and all conditional ones
RULE_KEYS = ("tag_id", "client_platform_type")
OTHER_CLIENT = "3"  # a phone in a browser is neither an iPhone nor an Android
CLIENTS = ("1", "2", OTHER_CLIENT)
CLICK_TYPES = frozenset(
    {
        *("click", "scancode_push", "scancode_waitmsg"),
        *("pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"),
    }
)
# Which field each remaining type cannot do without.
NEEDED = {
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "media_id": ("media_id",),
    "view_limited": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}


def check_menu(buttons: Any, others: Iterable[list[dict[str, Any]]] = ()) -> list[dict[str, Any]]:
    """Return the buttons if the platform would take them beside its other menus; ApiError with its errcode otherwise."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= TOP_BUTTONS:
        raise ApiError(40016)
    for button in buttons:
        _check_top(button)
    if len(jump_domains(buttons).union(*map(jump_domains, others))) > JUMP_DOMAINS:
        raise ApiError(65316)
    return buttons


def _check_top(button: Any) -> None:
    if not isinstance(button, dict):
        raise ApiError(47001)
    _check_name(button, TOP_NAME_BYTES, 40018)
    if "sub_button" not in button or (button["sub_button"] == [] and "type" in button):
        _check_action(button, {"type": 40017, "key": 40019, "url": 40020, "domain": 40055})
        return
    subs = button["sub_button"]
    if not isinstance(subs, list) or not subs:
        raise ApiError(41007)
    if "type" in button:
        raise ApiError(40017)
    if len(subs) > SUB_BUTTONS:
        raise ApiError(40023)
    for sub in subs:
        _check_sub(sub)


def _check_sub(sub: Any) -> None:
    if not isinstance(sub, dict):
        raise ApiError(47001)
    if sub.get("sub_button"):
        raise ApiError(40022)
    _check_name(sub, SUB_NAME_BYTES, 40025)
    _check_action(sub, {"type": 40024, "key": 40026, "url": 40027, "domain": 40054})


def _check_name(button: dict[str, Any], most: int, errcode: int) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not name or len(name.encode()) > most:
        raise ApiError(errcode)


def _check_action(button: dict[str, Any], codes: dict[str, int]) -> None:
    kind = button.get("type")
    if kind in CLICK_TYPES:
        key = button.get("key")
        if not isinstance(key, str) or not key or len(key.encode()) > KEY_BYTES:
            raise ApiError(codes["key"])
        return
    if kind not in NEEDED:
        raise ApiError(codes["type"])
    for name in NEEDED[kind]:
        if not isinstance(button.get(name), str) or not button[name]:
            raise ApiError(codes["url"] if name == "url" else 40035, f"{name} is required")
    url = button.get("url", "")
    if len(url.encode()) > URL_BYTES:
        raise ApiError(codes["url"])
    if url and (not url.startswith(("http://", "https://")) or not urlsplit(url).hostname):
        raise ApiError(codes["domain"])


def jump_domains(buttons: list[dict[str, Any]]) -> set[str]:
    """Return the hosts a menu leads to."""
    flat = [sub for button in buttons for sub in (button.get("sub_button") or [button])]
    return {urlsplit(item["url"]).hostname or "" for item in flat if item.get("url")}


def check_rule(rule: Any) -> dict[str, Any]:
    """Return a conditional menu's matchrule if anything in it can still match."""
    if not isinstance(rule, dict) or not any(rule.values()):
        raise ApiError(65304)
    if any(rule.get(key) for key in ("sex", "country", "province", "city", "language")):
        raise ApiError(65320)
    if not any(rule.get(key) for key in RULE_KEYS):
        raise ApiError(65304)
    if not all(str(rule[key]).isdecimal() for key in RULE_KEYS if rule.get(key)):
        raise ApiError(40035, "matchrule")
    if rule.get("client_platform_type") and str(rule["client_platform_type"]) not in CLIENTS:
        raise ApiError(40035, "client_platform_type")
    return rule


def fits(rule: dict[str, Any], tags: list[int], client: str = OTHER_CLIENT) -> bool:
    """Tell whether a rule takes a person; whoever has several tags is matched by the one applied last."""
    tag, platform = str(rule.get("tag_id") or ""), str(rule.get("client_platform_type") or "")
    return (not tag or (bool(tags) and str(tags[-1]) == tag)) and platform in ("", client)
