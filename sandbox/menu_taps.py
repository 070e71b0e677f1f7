"""What a tap on the custom menu pushes, per type of button. Added to the actions when the app is made."""

from typing import Any

from sandbox.actions import Act, ActionRefusedError, act
from sandbox.api.menus import menu_for


def _flat(buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [sub for button in buttons for sub in (button.get("sub_button") or [button])]


def _find(doing: Act) -> dict[str, Any]:
    key = doing.text("key")
    for button in _flat(menu_for(doing.world, doing.openid)):
        if key in {button.get("key"), button.get("url"), button.get("name")}:
            return button
    raise ActionRefusedError("菜单里没有这一项")


def tap_menu(doing: Act) -> int:
    """Push what a tap on the button with this key, url or name pushes."""
    button = _find(doing)
    kind, key = str(button.get("type")), str(button.get("key", ""))
    if kind == "click":
        return doing.event("CLICK", "click", EventKey=key)
    if kind in {"view", "miniprogram"}:
        event, target = ("VIEW", "url") if kind == "view" else ("view_miniprogram", "pagepath")
        return doing.event(event, EventKey=button[target], MenuId=100)
    if kind.startswith("scancode_"):
        result = {"ScanType": "qrcode", "ScanResult": doing.text("result", "1")}
        return doing.event(kind, "click", EventKey=key, ScanCodeInfo=result)
    if kind.startswith("pic_"):
        return _pictures(doing, kind, key)
    return _place(doing, key) if kind == "location_select" else 0


def _pictures(doing: Act, kind: str, key: str) -> int:
    picture = {"item": {"PicMd5Sum": "1b5f7c23b5bf75682a53e7b6d163e185"}}
    doing.event(kind, EventKey=key, SendPicsInfo={"Count": 1, "PicList": picture})
    return act(doing.world, doing.openid, "image", {"sample": doing.text("sample", "leak")}, root=doing.root)


def _place(doing: Act, key: str) -> int:
    place = {
        "lat": doing.text("lat", "30.572815"),
        "lon": doing.text("lon", "104.066801"),
        "label": doing.text("label", "小区东门"),
    }
    told = {"Location_X": place["lat"], "Location_Y": place["lon"], "Scale": 15, "Label": place["label"], "Poiname": ""}
    doing.event("location_select", EventKey=key, SendLocationInfo=told)
    return act(doing.world, doing.openid, "location", place)
