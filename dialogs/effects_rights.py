"""What a conversation about consent and one's own data wants done (D01 to D15, D22): values like those of effects.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShowProfile:
    """Find what is kept of a person. Result: name, phone_tail, homes, text (what is under way). Refused: unbound."""


@dataclass(frozen=True, slots=True)
class CorrectName:
    """Write down how the person wants to be called (D14). Result: name. Refused: unbound, bad_name, same."""

    name: str


@dataclass(frozen=True, slots=True)
class LookUpConsents:
    """Find what the person agreed to.

    Result: a state (granted, refused, unknown, stale) by purpose, may_ask by purpose,
    given (key, label of those she may take back, the last of several is `all`), count, only (the key when it is one); of
    `purpose` its title, text, kinds, keeps, state, is_askable.
    """

    purpose: str = ""


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """Write down a yes or a no; `all` with a no takes back everything. Result: purpose, title. Refused: unknown."""

    purpose: str
    granted: bool


@dataclass(frozen=True, slots=True)
class ShowNotice:
    """Find the notice of D02. Result: name, contact, kinds (what, from where, how long), purposes (what needs a yes)."""


@dataclass(frozen=True, slots=True)
class ShowData:
    """Find what is held of the person, by kind.

    Result: text (a line each: what, how many, from where, until when), tags (key, label, words of each tag of hers), count.
    """


@dataclass(frozen=True, slots=True)
class FindTagValues:
    """Find what one of her tags may be instead (`key` as in ShowData). Result: label, values (key, label)."""

    key: str


@dataclass(frozen=True, slots=True)
class CorrectTag:
    """Change one of her tags to `value`, or take it away when that is empty (D14).

    Result: label. Refused: unknown, not_kept.
    """

    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class RequestExport:
    """Have a copy of everything made (D13). Result: hours (the link lives). Refused: again (at)."""


@dataclass(frozen=True, slots=True)
class ShowErasure:
    """Find what erasing her would mean.

    Result: text (kinds that go), open (numbers of what is under way), pending (when, empty without a request), is_staff.
    """


@dataclass(frozen=True, slots=True)
class RequestErasure:
    """Queue her erasure (D15). Result: at. Refused: staff, pending (at)."""


@dataclass(frozen=True, slots=True)
class StopErasure:
    """Take the request back while it waits. Refused: none."""


@dataclass(frozen=True, slots=True)
class ExplainPush:
    """Find why the newest push came to her (D22). Result: count, text (its first line), at, why (the audience in words)."""


RightsEffect = (
    ShowProfile
    | CorrectName
    | LookUpConsents
    | RecordConsent
    | ShowNotice
    | ShowData
    | FindTagValues
    | CorrectTag
    | RequestExport
    | ShowErasure
    | RequestErasure
    | StopErasure
    | ExplainPush
)
RIGHTS_LOOKUPS = (ShowProfile, LookUpConsents, ShowNotice, ShowData, FindTagValues, ShowErasure, ExplainPush)
