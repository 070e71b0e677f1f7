"""Whether a tag may be kept at all: the consents it rests on (D01, D03, D06). Says nothing about its value."""

from __future__ import annotations

from handlers.consent_state import GRANTED, REFUSED, is_granted, read_states
from handlers.runtime import Runtime
from handlers.tag_rules import TagOrigin, list_purposes
from models.consents import PersonIds
from models.database import Transaction
from models.vocabulary import TagKey

PROFILE = "profile"


def find_missing_basis(runtime: Runtime, tx: Transaction, owner_id: int, rule: TagKey, origin: TagOrigin) -> str:
    """Return why a tag may not be kept of an owner, "" when it may.

    `no_consent`: a consent it rests on is not given, or to an older text. `refused_profile`: it was asked for, and she does
    not want a profile. What staff see while serving her needs no consent (contract), unless it is of level 2.
    """
    purposes = list_purposes(rule, origin)
    if not purposes and not origin.is_survey:
        return ""
    states = read_states(tx.session, PersonIds(owner_id), runtime.now())
    if origin.is_survey and states.get(PROFILE) == REFUSED:
        return "refused_profile"
    return "" if all(states.get(purpose) == GRANTED for purpose in purposes) else "no_consent"


def may_be_kept(runtime: Runtime, tx: Transaction, owner_id: int, key: str, purpose: str | None) -> bool:
    """Tell whether a value that was there before may come back: its consents still hold."""
    rule = runtime.content.vocabulary.keys.get(key)
    if rule is None or rule.is_computed:
        return False
    purposes = {each for each in (rule.purpose, purpose) if each}
    return all(is_granted(tx.session, owner_id, each, runtime.now()) for each in purposes)
