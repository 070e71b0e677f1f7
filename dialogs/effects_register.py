"""What conversations want done about the register: which home is meant, what is known of a number, who works here. Values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChooseHome:
    """Remember which home is meant from now on: the key of one in `homes`. Result: room, community. Refused: unknown."""

    home: str


@dataclass(frozen=True, slots=True)
class SetPhone:
    """Staff: note what a call to the owner found by `who` brought; `what` is a state like 空号, or her new number.

    Result: owner, text. Refused: unknown, ambiguous (text lists who), bad_state (text names it), no_phone, same, forbidden.
    """

    who: str
    what: str


@dataclass(frozen=True, slots=True)
class TakeStaffCode:
    """Bind this follower to the colleague who was given the one-time code. Result: name, role.

    Refused: wrong (with tries_left), locked (five wrong tries an hour), already_staff, is_owner.
    """

    code: str


RegisterEffect = ChooseHome | SetPhone | TakeStaffCode
