"""What a person can do on the phone: each kind shows its bubble, opens its window, and pushes what WeChat pushes.

It does not deliver; that is the courier's.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.chat import show, show_line
from sandbox.people import find_person
from sandbox.pictures import keep_media, keep_sample
from sandbox.posting import post, post_event
from sandbox.windows import close_windows, open_window
from sandbox.world import World

UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"


class ActionRefusedError(ValueError):
    """Something this person cannot do now, or not in this way; the words are for the page."""


@dataclass(frozen=True)
class Act:
    """One action: who, the fields of the request, an uploaded file if any, and where media can be fetched."""

    world: World
    openid: str
    given: dict[str, Any]
    root: str = ""
    upload: tuple[str, bytes] | None = None

    def text(self, key: str, otherwise: str = "") -> str:
        """Return a field as text."""
        return str(self.given.get(key, otherwise))

    def say(self, kind: str, fields: dict[str, Any], bubble: dict[str, Any], window: str = "message") -> int:
        """Show a bubble of mine, open its window and push the message; returns the delivery's id."""
        with self.world.store.writing():
            open_window(self.world, self.openid, window)
            delivery = post(self.world, self.openid, kind, fields)
            show(self.world, self.openid, "me", kind, bubble, "user", delivery_id=delivery)
        return delivery

    def event(self, event: str, window: str = "", **fields: Any) -> int:
        """Push an event, opening a window where it opens one."""
        with self.world.store.writing():
            if window:
                open_window(self.world, self.openid, window)
            return post_event(self.world, self.openid, event, **fields)


def act(world: World, openid: str, kind: str, given: dict[str, Any], **how: Any) -> int:
    """Do one thing as one person and return the delivery's id (0: nothing is pushed); ActionRefusedError otherwise."""
    person = find_person(world, openid)
    if person is None:
        raise ActionRefusedError("没有这个人")
    if kind not in ACTIONS:
        raise ActionRefusedError(f"不会做:{kind}")
    if not person["following"] and kind not in {"follow", "scan", "refuse"}:
        raise ActionRefusedError("还没有关注这个公众号")
    return ACTIONS[kind](Act(world, openid, given, **how))


def _text(doing: Act) -> int:
    content = doing.text("text")
    if not content.strip():
        raise ActionRefusedError("还没有写字")
    fields = {"Content": content}
    item = doing.text("bizmsgmenuid")
    # A tap on a menu item of a message counts as a menu click, not as a message.
    return doing.say(
        "text", fields | ({"bizmsgmenuid": item} if item else {}), {"text": content}, "click" if item else "message"
    )


def _sticker(doing: Act) -> int:
    return doing.say("text", {"Content": UNSUPPORTED}, {"text": "[表情]"})


def _image(doing: Act) -> int:
    if doing.upload:
        media_id = keep_media(doing.world, "image", *doing.upload)
    else:
        try:
            media_id = keep_sample(doing.world, doing.text("sample", "leak"))
        except KeyError as error:
            raise ActionRefusedError("没有这张图片") from error
    url = f"{doing.root}api/media/{media_id}"
    return doing.say("image", {"PicUrl": url, "MediaId": media_id}, {"media_id": media_id})


def _voice(doing: Act) -> int:
    words = doing.text("text")
    media_id = keep_media(doing.world, "voice", "voice.amr", b"#!AMR\n", "audio/amr")
    fields = {"MediaId": media_id, "Format": "amr", "Recognition": words}
    seconds = max(1, min(60, len(words) // 3))
    return doing.say("voice", fields, {"media_id": media_id, "text": words, "seconds": seconds})


def _video(kind: str) -> Callable[[Act], int]:
    def run(doing: Act) -> int:
        media_id = keep_media(doing.world, "video", "video.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4")
        thumb_id = keep_sample(doing.world, "leak")
        return doing.say(kind, {"MediaId": media_id, "ThumbMediaId": thumb_id}, {"media_id": media_id, "thumb": thumb_id})

    return run


def _location(doing: Act) -> int:
    place = {
        "label": doing.text("label", "阳光花园小区"),
        "lat": doing.text("lat", "30.572815"),
        "lon": doing.text("lon", "104.066801"),
    }
    fields = {"Location_X": place["lat"], "Location_Y": place["lon"], "Scale": 15, "Label": place["label"]}
    return doing.say("location", fields, place)


def _link(doing: Act) -> int:
    named = {"title": doing.text("title", "一篇文章"), "url": doing.text("url", "https://example.com/")}
    return doing.say("link", {"Title": named["title"], "Description": "", "Url": named["url"]}, named)


def _file(doing: Act) -> int:
    name = doing.text("name", "装修申请.pdf")
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    fields = {
        "Title": name,
        "Description": "",
        "FileKey": secrets.token_hex(16),
        "FileMd5": digest,
        "FileTotalLen": 20_480,
    }
    return doing.say("file", fields, {"name": name})


def _follow(doing: Act, scene: str = "", ticket: str = "") -> int:
    with doing.world.store.writing():
        doing.world.store.run(
            "UPDATE people SET following = 1, subscribed_at = ?, scene = ? WHERE openid = ?",
            *(int(time.time()), scene, doing.openid),
        )
        show_line(doing.world, doing.openid, "已关注公众号")
        more = {"EventKey": f"qrscene_{scene}", "Ticket": ticket} if scene else {"EventKey": ""}
        return doing.event("subscribe", "follow", **more)


def _unfollow(doing: Act) -> int:
    with doing.world.store.writing():
        doing.world.store.run("UPDATE people SET following = 0 WHERE openid = ?", doing.openid)
        close_windows(doing.world, doing.openid)
        doing.world.store.run("DELETE FROM tagged WHERE openid = ?", doing.openid)
        doing.world.store.run("DELETE FROM permissions WHERE openid = ?", doing.openid)
        show_line(doing.world, doing.openid, "已取消关注")
        return doing.event("unsubscribe", EventKey="")


def _scan(doing: Act) -> int:
    scene = doing.text("scene").strip()
    if not scene:
        raise ActionRefusedError("请填写或选择二维码")
    ticket = doing.world.store.value("SELECT ticket FROM qrcodes WHERE scene = ? ORDER BY created_at DESC", scene)
    ticket = ticket or "gQ" + hashlib.sha256(scene.encode()).hexdigest()
    show_line(doing.world, doing.openid, f"扫了二维码 {scene}")
    if not (find_person(doing.world, doing.openid) or {}).get("following"):
        return _follow(doing, scene, ticket)
    return doing.event("SCAN", "scan", EventKey=scene, Ticket=ticket)


def _report_place(doing: Act) -> int:
    place = {"Latitude": doing.text("lat", "30.572815"), "Longitude": doing.text("lon", "104.066801")}
    return doing.event("LOCATION", **place, Precision="65.000000")


def _subscribe_popup(doing: Act) -> int:
    template_id, accepts = doing.text("template_id"), bool(doing.given.get("accept", True))
    if template_id not in doing.world.config.template_ids.values():
        raise ActionRefusedError("没有这个模板")
    with doing.world.store.writing():
        if accepts:
            doing.world.store.run(
                "INSERT INTO permissions (openid, template_id, sends) VALUES (?, ?, 1)"
                " ON CONFLICT (openid, template_id) DO UPDATE SET sends = sends + 1",
                *(doing.openid, template_id),
            )
        choice = {
            "TemplateId": template_id,
            "SubscribeStatusString": "accept" if accepts else "reject",
            "PopupScene": 1,
        }
        show_line(doing.world, doing.openid, "已同意接收一次通知" if accepts else "已拒绝接收通知")
        return doing.event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": choice})


def _refuse(doing: Act) -> int:
    refuses = bool(doing.given.get("on", True))
    doing.world.store.run("UPDATE people SET refuses = ? WHERE openid = ?", int(refuses), doing.openid)
    show_line(doing.world, doing.openid, "已拒收模板消息" if refuses else "已恢复接收模板消息")
    return 0


def _raw_event(doing: Act) -> int:
    fields = doing.given.get("fields")
    return doing.event(doing.text("event"), **(fields if isinstance(fields, dict) else {}))


ACTIONS: dict[str, Callable[[Act], int]] = {
    "text": _text,
    "sticker": _sticker,
    "image": _image,
    "voice": _voice,
    "video": _video("video"),
    "shortvideo": _video("shortvideo"),
    "location": _location,
    "link": _link,
    "file": _file,
    "follow": _follow,
    "unfollow": _unfollow,
    "scan": _scan,
    "report_location": _report_place,
    "subscribe_popup": _subscribe_popup,
    "refuse": _refuse,
    "event": _raw_event,
}
