"""What use cases need from the edges: Protocols and the plain values that cross them. No implementation lives here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How a message reaches an owner."""

    PASSIVE = "passive"  # the answer to the owner's own message; costs nothing
    MESSAGE = "message"  # customer-service message, inside the window only
    TEMPLATE = "template"  # template message: service notices, outside the window
    CALL = "call"  # a task for the butler to ring


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text of at most 2,048 UTF-8 bytes; may hold `<a href=...>` links."""

    text: str


@dataclass(frozen=True, slots=True)
class ImageMessage:
    """A picture by its media_id (a media_id lives three days on the platform)."""

    media_id: str


@dataclass(frozen=True, slots=True)
class MenuMessage:
    """A msgmenu: a head line, (id, words) choices, a closing line."""

    head: str
    options: tuple[tuple[str, str], ...]
    tail: str = ""


@dataclass(frozen=True, slots=True)
class TemplateMessage:
    """A template message; `data` maps the template's parameter names to texts."""

    template_id: str
    data: Mapping[str, str]
    url: str = ""
    client_msg_id: str = ""


Outgoing = TextMessage | ImageMessage | MenuMessage | TemplateMessage


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one send: `status` is sent, failed, retry or unknown; `reason` a stable word, empty when sent."""

    status: str
    reason: str = ""
    code: int | None = None
    message_id: str = ""
    retry_after_seconds: float = 0.0


class Sender(Protocol):
    """Sends many messages concurrently, one result per message in the same order; messages of one openid stay in order."""

    def send_many(self, messages: Sequence[tuple[str, Outgoing]]) -> list[SendResult]:
        """Send (openid, message) pairs and return one result each. Never raises for the platform's answers."""
        ...


@dataclass(frozen=True, slots=True)
class Media:
    """A downloaded file: its bytes and content type."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class PlatformTag:
    """A tag of the account as the platform keeps it, with how many people carry it."""

    id: int
    name: str
    people: int = 0


@dataclass(frozen=True, slots=True)
class PlatformFollower:
    """What the platform tells of a person. Of somebody who does not follow it tells nothing else."""

    openid: str
    is_following: bool
    tags: tuple[int, ...] = ()
    remark: str = ""
    followed_at: datetime | None = None
    scene: str = ""


@dataclass(frozen=True, slots=True)
class FollowerPage:
    """Up to 10,000 followers; `after` leads to the next page and is empty at the end."""

    openids: tuple[str, ...]
    after: str = ""
    total: int = 0


class Gateway(Protocol):
    """The slow server API: one call each. Every method raises GatewayError's children and nothing else of the platform."""

    def publish_menu(self, buttons: Sequence[Mapping[str, object]]) -> None:
        """Replace the account's custom menu after checking its byte limits."""
        ...

    def show_menu(self) -> Mapping[str, object] | None:
        """Return the account's current menu, None when there is none."""
        ...

    def publish_conditional_menu(self, buttons: Sequence[Mapping[str, object]], tag_id: int) -> str:
        """Add a menu for those whose newest tag of the account is `tag_id`; return its menuid. Needs a default menu."""
        ...

    def remove_conditional_menu(self, menuid: str) -> None:
        """Take such a menu away; one that is there no more is no fault."""
        ...

    def create_qr_code(self, scene: str, expire_seconds: int | None = None) -> Mapping[str, str]:
        """Create a code for `scene` (1..64 characters; permanent without `expire_seconds`): ticket, url, image_url."""
        ...

    def set_remark(self, openid: str, remark: str) -> None:
        """Set the follower's remark (under 30 characters)."""
        ...

    def list_tags(self) -> Sequence[PlatformTag]:
        """Return the account's tags, those of the platform itself included."""
        ...

    def create_tag(self, name: str) -> int:
        """Create a tag (100 in all, names of 30 bytes) and return its id."""
        ...

    def rename_tag(self, tag_id: int, name: str) -> None:
        """Give a tag another name."""
        ...

    def delete_tag(self, tag_id: int) -> None:
        """Delete a tag, and take it off everybody with it."""
        ...

    def tag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """Put a tag on up to 50 people, all or none; doing it again is harmless."""
        ...

    def untag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """Take a tag off up to 50 people, all or none; doing it again is harmless."""
        ...

    def read_followers(self, openids: Sequence[str]) -> Sequence[PlatformFollower]:
        """Return what the platform tells of up to 100 people; one openid that is not of this account fails all."""
        ...

    def list_followers(self, after: str = "") -> FollowerPage:
        """Return the page of followers behind an openid."""
        ...

    def download_media(self, media_id: str) -> Media:
        """Fetch a picture, voice or video that a person sent (kept three days by the platform)."""
        ...


class AccountTags(Protocol):
    """Knows which tags of ours stand as tags of the account on the platform."""

    def find_account_tag(self, key: str, value: str) -> int | None:
        """Return the platform's id of a tag, None while it is not kept there."""
        ...


class Queue(Protocol):
    """Wakes the workers. A lost wake-up is harmless: the row is the truth and a sweep finds it."""

    def wake(self, job: str, *ids: int) -> None:
        """Ask a worker to run `job` soon; swallow and log a broker that is away."""
        ...


class Links(Protocol):
    """Makes addresses of files for one person, signed and good for a while."""

    def link(self, name: str, until: datetime) -> str:
        """Return the address of a file of data/exports."""
        ...


class Traces(Protocol):
    """What the edges keep of people outside the database."""

    def forget(self, openids: Sequence[str]) -> int:
        """Throw away what is kept of them, and return how many things that were."""
        ...


class Clock(Protocol):
    """Tells the time; tests and `tick --at` put another one in."""

    def now(self) -> datetime:
        """Return the current aware time in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or event of the platform, parsed and already trusted.

    `key` is unique per delivery-independent message (MsgId+CreateTime+From, or event fields). `kind` is the MsgType or
    `event`; `event` the event name in lower case. `prompt` is the bizmsgmenuid of a tapped option.
    """

    key: str
    openid: str
    kind: str
    sent_at: datetime
    text: str = ""
    event: str = ""
    event_key: str = ""
    prompt: str = ""
    media_id: str = ""
    url: str = ""
    latitude: float | None = None
    longitude: float | None = None
    label: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
