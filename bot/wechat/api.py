"""The slow server API as the use cases see it: menus, QR codes, remarks, tags, followers, media. One call each.

It must not decide whether to try again: errors say whether that helps. Sending to many people is sender.py's work.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from bot.wechat.account import Account
from bot.wechat.menu import check_menu
from bot.wechat.tokens import TokenService
from bot.wechat.wire import PlatformClient
from handlers.errors import InvalidInputError, PermanentFailureError, TemporaryFailureError, UnknownOutcomeError
from handlers.ports import FollowerPage, Media, PlatformFollower, PlatformTag

LONGEST_QR_SECONDS = 2_592_000
_OPENIDS_PER_CALL, _READ_PER_CALL = 50, 100
_TAG_NAME_BYTES = 30
_NO_MENU = 46003
_NO_SUCH_MENU = 65301


class WeChatGateway:
    """Implements handlers.ports.Gateway over HTTP; safe for threads, one per process is enough."""

    def __init__(self, account: Account, tokens: TokenService, http: httpx.Client, *, timeout_seconds: float = 10.0) -> None:
        self._account = account
        self._client = PlatformClient(account, tokens, http, timeout_seconds=timeout_seconds)
        # The platform answers 45159 to some of several concurrent tag calls on one person (A13).
        self._tagging = threading.Lock()

    def publish_menu(self, buttons: Sequence[Mapping[str, object]]) -> None:
        """Replace the custom menu; raise InvalidInputError listing every limit it breaks, before any call."""
        problems = check_menu(buttons)
        if problems:
            raise InvalidInputError("The menu breaks the platform's limits", tuple(problems))
        self._client.menu.create({"button": [dict(button) for button in buttons]})

    def show_menu(self) -> Mapping[str, object] | None:
        """Return the current menu as the platform keeps it (`menu`, `conditionalmenu`), None when there is none."""
        try:
            answer: Mapping[str, object] = self._client.menu.get()
        except PermanentFailureError as error:
            if error.code == _NO_MENU:
                return None
            raise
        return answer

    def publish_conditional_menu(self, buttons: Sequence[Mapping[str, object]], tag_id: int) -> str:
        """Add a menu for a tag and return its menuid; raise InvalidInputError for its limits, before any call."""
        if problems := check_menu(buttons):
            raise InvalidInputError("The menu breaks the platform's limits", tuple(problems))
        body = {"button": [dict(button) for button in buttons], "matchrule": {"tag_id": str(tag_id)}}
        return str(self._client.menu.add_conditional(body).get("menuid", ""))

    def remove_conditional_menu(self, menuid: str) -> None:
        """Take a conditional menu away; one that is there no more is no fault."""
        try:
            self._client.menu.del_conditional(menuid)
        except PermanentFailureError as error:
            if error.code != _NO_SUCH_MENU:
                raise

    def delete_menu(self) -> None:
        """Remove the custom menu."""
        self._client.menu.delete()

    def create_qr_code(self, scene: str, expire_seconds: int | None = None) -> Mapping[str, str]:
        """Create a code for `scene` (1..64 characters), permanent without `expire_seconds` (1..2,592,000).

        Return ticket, url (what the code says) and image_url. An account has 100,000 permanent codes in all (A14).
        """
        if not 1 <= len(scene) <= 64:
            raise InvalidInputError("A scene has 1 to 64 characters")
        if expire_seconds is not None and not 1 <= expire_seconds <= LONGEST_QR_SECONDS:
            raise InvalidInputError(f"A code expires after 1 to {LONGEST_QR_SECONDS} seconds")
        body: dict[str, Any] = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        if expire_seconds is not None:
            body |= {"action_name": "QR_STR_SCENE", "expire_seconds": expire_seconds}
        answer = self._client.qrcode.create(body)
        ticket = _text(answer, "ticket")
        image = f"{self._account.page_url('showqrcode')}?ticket={quote(ticket, safe='')}"
        return {"ticket": ticket, "url": str(answer.get("url", "")), "image_url": image}

    def set_remark(self, openid: str, remark: str) -> None:
        """Set the follower's remark, which only the account's staff see (under 30 characters)."""
        if len(remark) >= 30:
            raise InvalidInputError("A remark has under 30 characters")
        self._client.user.update_remark(openid, remark)

    def user_info(self, openid: str) -> Mapping[str, Any]:
        """Return what the platform tells about a person: `subscribe`, `tagid_list`, ...; no name since 2021 (A13)."""
        answer: Mapping[str, Any] = self._client.user.get(openid)
        return answer

    def read_followers(self, openids: Sequence[str]) -> Sequence[PlatformFollower]:
        """Return what the platform tells of up to 100 people; one that is not of this account fails all (`bad_openid`)."""
        if not 1 <= len(openids) <= _READ_PER_CALL:
            raise InvalidInputError(f"A call asks for 1 to {_READ_PER_CALL} people")
        answer: list[Mapping[str, Any]] = self._client.user.get_batch(list(openids))
        try:
            return [_describe(each) for each in answer]
        except (KeyError, TypeError, ValueError, OverflowError):
            raise TemporaryFailureError("garbage") from None

    def list_followers(self, after: str = "") -> FollowerPage:
        """Return the page of up to 10,000 followers behind an openid; the day allows 500 pages.

        The last page names a next one too (A13), and one that names itself would turn in circles: then it is the end.
        """
        page = self._client.user.get_followers(after or None)
        try:
            openids = tuple(str(each) for each in (page.get("data") or {}).get("openid") or ())
            following, total = str(page.get("next_openid") or ""), int(page.get("total") or 0)
        except (AttributeError, TypeError, ValueError):
            raise TemporaryFailureError("garbage") from None
        return FollowerPage(openids, following if openids and following != after else "", total)

    def create_tag(self, name: str) -> int:
        """Create a tag of the platform and return its id (at most 100 tags, names of 30 bytes)."""
        _check_tag_name(name)
        return _number(self._client.tag.create(name), "id")

    def rename_tag(self, tag_id: int, name: str) -> None:
        """Give a tag another name."""
        _check_tag_name(name)
        self._client.tag.update(tag_id, name)

    def delete_tag(self, tag_id: int) -> None:
        """Delete a tag; the platform refuses above 100,000 people."""
        self._client.tag.delete(tag_id)

    def list_tags(self) -> Sequence[PlatformTag]:
        """Return the account's tags, those of the platform itself included."""
        return [
            PlatformTag(_number(tag, "id"), str(tag.get("name", "")), _number({"count": 0, **tag}, "count"))
            for tag in self._client.tag.get()
        ]

    def tag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """Put a tag on up to 50 people, all or none; a person holds at most 20 (`too_many_tags`)."""
        _check_people(openids)
        with self._tagging:
            self._client.tag.tag_user(tag_id, list(openids))

    def untag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """Take a tag off up to 50 people, all or none."""
        _check_people(openids)
        with self._tagging:
            self._client.tag.untag_user(tag_id, list(openids))

    def tags_of(self, openid: str) -> list[int]:
        """Return the ids of the tags on a person."""
        return [int(tag_id) for tag_id in self._client.tag.get_user_tag(openid)]

    def download_media(self, media_id: str) -> Media:
        """Fetch a picture, voice or video a person sent, up to 20 MB; the platform keeps it three days."""
        return self._client.fetch_media(media_id)

    def upload_media(self, kind: str, filename: str, content: bytes, content_type: str) -> str:
        """Upload a temporary file and return its media_id, good for three days. `kind`: image, voice, video, thumb."""
        if kind not in {"image", "voice", "video", "thumb"}:
            raise InvalidInputError("A media kind is image, voice, video or thumb")
        answer = self._client.media.upload(kind, (filename, content, content_type))
        # Thumbs come back under a name of their own.
        return _text(answer, "thumb_media_id" if kind == "thumb" and "thumb_media_id" in answer else "media_id")

    def clear_quota(self) -> None:
        """Set all of the day's call counters back to zero; the platform allows it ten times a month (A14)."""
        self._client.post("clear_quota", data={"appid": self._account.app_id})


def _check_people(openids: Sequence[str]) -> None:
    if not 1 <= len(openids) <= _OPENIDS_PER_CALL:
        raise InvalidInputError(f"A call names 1 to {_OPENIDS_PER_CALL} people")


def _describe(given: Mapping[str, Any]) -> PlatformFollower:
    if not given.get("subscribe"):
        return PlatformFollower(str(given["openid"]), is_following=False)
    return PlatformFollower(
        openid=str(given["openid"]),
        is_following=True,
        tags=tuple(int(each) for each in given.get("tagid_list") or ()),
        remark=str(given.get("remark") or ""),
        followed_at=datetime.fromtimestamp(int(given["subscribe_time"]), UTC) if given.get("subscribe_time") else None,
        scene=str(given.get("qr_scene_str") or given.get("qr_scene") or ""),
    )


def _check_tag_name(name: str) -> None:
    if not 1 <= len(name.encode("utf-8", "replace")) <= _TAG_NAME_BYTES:
        raise InvalidInputError(f"A tag's name has 1 to {_TAG_NAME_BYTES} bytes (10 Chinese characters)")


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise UnknownOutcomeError("garbage")
    return value


def _number(answer: Mapping[str, Any], name: str) -> int:
    try:
        return int(answer[name])
    except (KeyError, TypeError, ValueError):
        raise UnknownOutcomeError("garbage") from None
