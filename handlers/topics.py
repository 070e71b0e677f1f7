"""What pushes are about, and how much of a yes each topic needs: service, notice or marketing (D10). Reads a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SERVICE, NOTICE, MARKETING = "service", "notice", "marketing"
KINDS = (SERVICE, NOTICE, MARKETING)  # from what everybody gets to what needs a consent
CLASS = "class"
_KEYS = ("label", CLASS, "words")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `words` are other names for it."""

    code: str
    label: str
    kind: str = MARKETING
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicBook:
    """All topics by code and by every other name."""

    by_name: Mapping[str, Topic] = field(default_factory=dict)

    def find_code(self, name: str) -> str:
        """Return the topic's code as it is kept; a topic that is not written down keeps its name."""
        topic = self.by_name.get(name)
        return topic.code if topic else name

    def find_kind(self, name: str) -> str:
        """Return a topic's class: a notice, which 退订 ends, without a topic and for a name that nobody has written down."""
        topic = self.by_name.get(name)
        return topic.kind if topic else NOTICE


def parse_template_kinds(mapping: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return template -> the class of what it may carry; ValueError for a class that no template has."""
    kinds = {name: str(given.get(CLASS, SERVICE)) for name, given in mapping.items()}
    if wrong := sorted(name for name, kind in kinds.items() if kind not in (SERVICE, MARKETING)):
        raise ValueError(f"{wrong[0]}.class: must be {SERVICE} or {MARKETING}")
    return kinds


def parse_topics(mapping: Any) -> TopicBook:
    """Return the topics; ValueError for a key nobody knows, a class there is not, or a name that means two."""
    found: dict[str, Topic] = {}
    for code, given in (mapping or {}).get("topics", {}).items():
        if unknown := set(given) - set(_KEYS):
            raise ValueError(f"{code}: unknown keys: {', '.join(sorted(unknown))}; keys are {', '.join(_KEYS)}")
        topic = Topic(str(code), str(given.get("label", "")), given.get(CLASS, MARKETING), tuple(given.get("words") or ()))
        if topic.kind not in KINDS or not topic.label:
            raise ValueError(f"{code}: needs a label, and as class one of {', '.join(KINDS)}")
        for name in dict.fromkeys((topic.code, topic.label, *topic.words)):
            if found.setdefault(name, topic) is not topic:
                raise ValueError(f"{code}: '{name}' is the name of {found[name].code} already")
    return TopicBook(found)
