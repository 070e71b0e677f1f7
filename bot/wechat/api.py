"""The slow server API as the use cases see it: menus, QR codes, remarks, tags, followers, media. One call each.

It must not decide whether to try again: errors say whether that helps. Sending to many people is sender.py's work.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from bot.wechat.account import Account
from bot.wechat.menu import check_menu
from bot.wechat.tokens import TokenService
from bot.wechat.wire import PlatformClient
from handlers.errors import InvalidInputError, PermanentFailureError, UnknownOutcomeError
from handlers.ports import Media

LONGEST_QR_SECONDS = 2_592_000
_OPENIDS_PER_CALL = 50
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

    def list_followers(self) -> Iterator[str]:
        """Yield every follower's openid, fetched in pages of 10,000; the day allows 500 pages."""
        last = ""
        while True:
            page = self._client.user.get_followers(last or None)
            openids = (page.get("data") or {}).get("openid") or []
            yield from openids
            following = page.get("next_openid") or ""
            # The last page names a next one too (A13); an unchanging one would turn in circles.
            if not openids or not following or following == last:
                return
            last = following

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

    def list_tags(self) -> Mapping[int, str]:
        """Return the account's tags, id to name."""
        return {_number(tag, "id"): str(tag.get("name", "")) for tag in self._client.tag.get()}

    def tag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """Put a tag on people, 50 in a call; a person holds at most 20 (`too_many_tags`).

        An error leaves the earlier fifties tagged: repeating the whole is harmless.
        """
        with self._tagging:
            for start in range(0, len(openids), _OPENIDS_PER_CALL):
                self._client.tag.tag_user(tag_id, list(openids[start : start + _OPENIDS_PER_CALL]))

    def untag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """Take a tag off people, 50 in a call."""
        with self._tagging:
            for start in range(0, len(openids), _OPENIDS_PER_CALL):
                self._client.tag.untag_user(tag_id, list(openids[start : start + _OPENIDS_PER_CALL]))

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
