"""What a script may speak of outside itself: facts, effects, services, other scripts, words that work everywhere. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialogs.effects import EFFECTS
from dialogs.survey import PURPOSES
from dialogs.words import GlobalWords

FACTS = frozenset(
    {f"owner.{part}" for part in ("name", "title", "bound", "room", "rooms", "community", "relation", "phone_tail")}
    | {"staff.name", "staff.role", "args.rest", "args.first", "args.more", "now.date", "now.hour"}
    | {"service.code", "service.label", "service.butler"}
)
# handed to a survey when it begins: what she has consented to, what she may be asked, what is known and still fresh
SURVEY_FACTS = frozenset(f"{name}.{purpose}" for name in ("consents", "may_ask") for purpose in PURPOSES)
NEEDS = frozenset({"bound"})
READ_BY_HOST = frozenset({"service"})  # variables that mean something outside the script that was handed them


@dataclass(frozen=True, slots=True)
class Names:
    """What a script may speak of outside itself. `scripts` tells the vars each takes; `services` may be started, too."""

    scripts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    effects: frozenset[str] = frozenset(EFFECTS)
    services: frozenset[str] = frozenset()
    facts: frozenset[str] = FACTS
    words: GlobalWords | None = None
    forbidden: tuple[str, ...] = ()
    tags: Mapping[str, Any] = field(default_factory=dict)  # key -> check_survey.TagRule
    never: tuple[str, ...] = ()  # words for what is never kept about anybody
