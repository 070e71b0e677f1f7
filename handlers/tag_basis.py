"""Whether a tag may be kept at all: the consents it rests on (D01, D06). Says nothing about its value."""

from __future__ import annotations

from handlers.runtime import Runtime
from handlers.tag_rules import TagOrigin
from models.database import Transaction
from models.vocabulary import TagKey


def find_missing_basis(_runtime: Runtime, _tx: Transaction, _owner_id: int, rule: TagKey, _origin: TagOrigin) -> str:
    """Return `no_consent` for a key of level 2, "" else: consents are not kept yet, so nobody has given one."""
    return "no_consent" if rule.level > 1 else ""


def may_be_kept(runtime: Runtime, _tx: Transaction, _owner_id: int, key: str, _purpose: str | None) -> bool:
    """Tell whether a value that was there before may come back."""
    rule = runtime.content.vocabulary.keys.get(key)
    return rule is not None and rule.level == 1
