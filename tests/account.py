"""The platform's side of tags, remarks and followers, as a fake in the open: it keeps the limits and can be told to fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from handlers.errors import GatewayError, PermanentFailureError, TemporaryFailureError
from handlers.ports import FollowerPage, PlatformFollower, PlatformTag


@dataclass
class OnAccount:
    """One person as the platform keeps her."""

    tags: list[int] = field(default_factory=list)
    remark: str = ""
    is_following: bool = True


class FakeAccount:
    """Tags, who carries them, remarks. Whoever it is asked about follows, unless `people` says otherwise.

    `failures` maps a call to errors that it meets next, `after` to what happens once its work is done (a kill, say).
    """

    def __init__(self) -> None:
        self.account_tags: dict[int, str] = {2: "星标组"}
        self.people: dict[str, OnAccount] = {}
        self.unknown: set[str] = set()
        self.full: set[str] = set()  # carry 20 tags, although the platform does not tell which
        self.asked: list[tuple[str, tuple[object, ...]]] = []
        self.failures: dict[str, list[Exception]] = {}
        self.after: dict[str, Callable[[], None]] = {}
        self.tag_ids = itertools.count(101)
        self.page_size = 10_000

    def person(self, openid: str) -> OnAccount:
        return self.people.setdefault(openid, OnAccount())

    def names(self, openid: str) -> list[str]:
        """Return the names of the tags on a person, sorted."""
        return sorted(self.account_tags[tag] for tag in self.person(openid).tags)

    def tag_id(self, name: str) -> int:
        return next(tag_id for tag_id, known in self.account_tags.items() if known == name)

    def calls(self, name: str) -> list[tuple[object, ...]]:
        return [given for called, given in self.asked if called == name]

    def _enter(self, name: str, *given: object) -> None:
        self.asked.append((name, given))
        if self.failures.get(name):
            raise self.failures[name].pop(0)

    def _leave(self, name: str) -> None:
        if name in self.after:
            self.after.pop(name)()

    def _check(self, openids: Sequence[str], most: int, *, must_follow: bool) -> None:
        assert 0 < len(openids) <= most
        if any(openid in self.unknown for openid in openids):
            raise PermanentFailureError("bad_openid", 40003)
        if must_follow and not all(self.person(openid).is_following for openid in openids):
            raise PermanentFailureError("bad_openid", 49003)

    def set_remark(self, openid: str, remark: str) -> None:
        self._enter("set_remark", openid, remark)
        assert len(remark) < 30
        self._check([openid], 1, must_follow=True)
        self.person(openid).remark = remark
        self._leave("set_remark")

    def list_tags(self) -> Sequence[PlatformTag]:
        self._enter("list_tags")
        counts = [tag for person in self.people.values() for tag in person.tags]
        return [PlatformTag(tag_id, name, counts.count(tag_id)) for tag_id, name in self.account_tags.items()]

    def create_tag(self, name: str) -> int:
        self._enter("create_tag", name)
        if name in self.account_tags.values():
            raise PermanentFailureError("bad_tag_name", 45157)
        if len(self.account_tags) > 100:
            raise PermanentFailureError("too_many_tags", 45056)
        tag_id = next(self.tag_ids)
        self.account_tags[tag_id] = name
        self._leave("create_tag")
        return tag_id

    def rename_tag(self, tag_id: int, name: str) -> None:
        self._enter("rename_tag", tag_id, name)
        self.account_tags[tag_id] = name

    def delete_tag(self, tag_id: int) -> None:
        self._enter("delete_tag", tag_id)
        del self.account_tags[tag_id]
        for person in self.people.values():
            person.tags = [tag for tag in person.tags if tag != tag_id]

    def tag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        self._enter("tag_people", tag_id, tuple(openids))
        self._check(openids, 50, must_follow=True)
        if tag_id not in self.account_tags:
            raise PermanentFailureError("bad_tag", 45159)
        if any(openid in self.full or len({*self.person(openid).tags, tag_id}) > 20 for openid in openids):
            raise PermanentFailureError("too_many_tags", 45059)
        for openid in openids:
            rest = [tag for tag in self.person(openid).tags if tag != tag_id]
            self.person(openid).tags = [*rest, tag_id]
        self._leave("tag_people")

    def untag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        self._enter("untag_people", tag_id, tuple(openids))
        self._check(openids, 50, must_follow=True)
        for openid in openids:
            self.person(openid).tags = [tag for tag in self.person(openid).tags if tag != tag_id]
        self._leave("untag_people")

    def read_followers(self, openids: Sequence[str]) -> Sequence[PlatformFollower]:
        self._enter("read_followers", tuple(openids))
        self._check(openids, 100, must_follow=False)
        return [self._describe(openid, self.person(openid)) for openid in openids]

    def _describe(self, openid: str, person: OnAccount) -> PlatformFollower:
        if not person.is_following:
            return PlatformFollower(openid, is_following=False)
        return PlatformFollower(openid, is_following=True, tags=tuple(person.tags), remark=person.remark)

    def list_followers(self, after: str = "") -> FollowerPage:
        self._enter("list_followers", after)
        following = sorted(openid for openid, person in self.people.items() if person.is_following)
        page = [openid for openid in following if openid > after][: self.page_size]
        return FollowerPage(tuple(page), page[-1] if page else "", len(following))


def busy(reason: str, code: int | None = None, retry_after_seconds: float = 0.0) -> GatewayError:
    """Return what the gateway raises for a quota or a failure that passes."""
    return TemporaryFailureError(reason, code, retry_after_seconds)
