"""What property staff wrote under content/, read and checked: scripts, texts, catalogue, rules. Immutable once loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialogs.calendar import Calendar
from dialogs.script import Ask, Do, Script, ScriptKind
from dialogs.small_talk import SmallTalk
from dialogs.templates import Template
from dialogs.texts import EngineTexts
from dialogs.words import GlobalWords, normalise
from handlers.menu_book import MenuBook
from handlers.mirror_rules import MirrorBook
from handlers.rights_book import ConsentBook, RetentionBook
from handlers.topics import TopicBook
from models.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the catalogue: a code, its name, the butler it belongs to and one line about it."""

    code: str
    label: str
    butler: str = ""
    hint: str = ""
    is_enabled: bool = True
    is_advice: bool = False  # talked about only, never booked (R15)


@dataclass(frozen=True, slots=True, eq=False)
class AccountMenu:
    """A menu of the account for those who carry a tag on the platform."""

    key: str
    value: str
    buttons: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """Return the tag as it is written."""
        return f"{self.key}={self.value}"


@dataclass(frozen=True, slots=True)
class Duty:
    """Who gets a kind of task, first role first; minutes until a silent holder is reminded, his leader told, the work late."""

    roles: tuple[str, ...]
    remind_minutes: int = 30
    escalate_minutes: int = 60
    due_minutes: int | None = None
    is_private: bool = False  # only these roles may touch such a task, whatever their scope


@dataclass(frozen=True, slots=True)
class PushRule:
    """A push that the clock fires: audience and text as written, a cron line with weekday names, and what lateness means."""

    id: str
    title: str
    topic: str
    kind: str
    audience: str
    text: str
    cron: str
    timezone: str
    misfire: str = "run_once"
    is_quiet: bool = True


@dataclass(frozen=True, slots=True)
class Inviting:
    """Days between two invitations of one person to surveys, and the survey `after` a service done, or a complaint."""

    days: int = 7
    after: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PointRule:
    """Points that a deed brings; 0 is off (R184)."""

    label: str
    points: int


# effects whose words may be of level 2
_TELLING = ("show_tags", "tag_owner", "show_data", "find_tag_values", "correct_tag", "explain_push")
_UNNUMBERED = r"(?<!\d)"  # 2000物业费 does not hold 0物业费


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Words that no outbound text may hold (R116)."""

    words: tuple[str, ...]
    pattern: re.Pattern[str] | None = field(init=False, default=None)
    compact: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.words:
            compact = sorted({"".join(word.split()).lower() for word in self.words})
            object.__setattr__(self, "compact", re.compile("|".join(map(re.escape, compact))))
            longest_first = sorted(self.words, key=len, reverse=True)
            spaced = (_UNNUMBERED * word[0].isdigit() + r"\s*".join(map(re.escape, word)) for word in longest_first)
            object.__setattr__(self, "pattern", re.compile("|".join(spaced), re.IGNORECASE))

    def find(self, text: str) -> str | None:
        """Return the first forbidden word in a text, blanks inside it ignored; None when it is clean."""
        found = self.pattern.search(text) if self.pattern and self._may_hold(text) else None
        return found.group() if found else None

    def mask(self, text: str) -> str:
        """Return the text with forbidden words blotted out: for texts that repeat what a person wrote."""
        if self.pattern is None or not self._may_hold(text):
            return text
        return self.pattern.sub(lambda found: "＊" * len(found.group()), text)

    def _may_hold(self, text: str) -> bool:
        """Tell cheaply that a text is clean, as almost all are: the pattern takes fifty times as long."""
        return self.compact is not None and self.compact.search("".join(text.split()).lower()) is not None


@dataclass(frozen=True, slots=True)
class Content:
    """Everything under content/."""

    scripts: Mapping[str, Script]
    sources: Mapping[str, tuple[str, str]]  # script id -> (file, YAML text), kept with its revision
    texts: EngineTexts
    words: GlobalWords
    small_talk: SmallTalk
    services: Mapping[str, Service]
    butlers: Mapping[str, str]
    labels: Mapping[str, str]  # every intent code -> what a person calls it
    duties: Mapping[str, Duty]
    vocabulary: Vocabulary
    forbidden: Forbidden
    rules: Mapping[str, PushRule]
    calendar: Calendar
    menu: Mapping[str, Any]
    templates: Mapping[str, Mapping[str, Template]]
    template_kinds: Mapping[str, str] = field(default_factory=dict)  # the class of what each may carry
    points: Mapping[str, PointRule] = field(default_factory=dict)
    consents: ConsentBook = field(default_factory=ConsentBook)
    retention: RetentionBook = field(default_factory=RetentionBook)
    topics: TopicBook = field(default_factory=TopicBook)  # of pushes
    menus: MenuBook = field(default_factory=MenuBook)
    account_menus: tuple[AccountMenu, ...] = ()
    mirror: MirrorBook = field(default_factory=MirrorBook)  # which tags stand on the account
    inviting: Inviting = field(default_factory=Inviting)
    parts: Mapping[str, Script] = field(default_factory=dict)  # what scripts call, each as a script of its own
    part_texts: Mapping[str, str] = field(default_factory=dict)
    by_word: Mapping[str, str] = field(default_factory=dict)
    by_click: Mapping[str, str] = field(default_factory=dict)
    by_event: Mapping[str, str] = field(default_factory=dict)
    by_intent: Mapping[str, str] = field(default_factory=dict)
    by_command: Mapping[str, str] = field(default_factory=dict)
    confidential: dict[str, bool] = field(init=False, default_factory=dict, compare=False)  # by script id

    def duty(self, code: str) -> Duty:
        """Return who does `code`: its own entry, its prefix's, or the default."""
        return self.duties.get(code) or self.duties.get(code.split(".", maxsplit=1)[0]) or self.duties["default"]

    def is_confidential(self, step: object) -> bool:
        """Tell whether a step asks for what is of level 2: a tag of that level, or what rests on such a consent (D06)."""
        if not isinstance(step, Ask):
            return False
        key = self.vocabulary.keys.get(step.inquiry.tag)
        return (key is not None and key.level > 1) or step.inquiry.consent in self.vocabulary.sensitive_purposes

    def holds_confidence(self, script_id: str) -> bool:
        """Tell whether a conversation of a script may hold what is of level 2: then state and words are sealed."""
        found = self.confidential.get(script_id)
        if found is None:
            script = self.scripts.get(script_id)
            found = script is not None and any(_tells_tags(step) or self.is_confidential(step) for step in script.steps)
            self.confidential[script_id] = found
        return found

    def label(self, code: str) -> str:
        """Return what a person calls a service, an intent or a script."""
        return self.labels.get(code) or (self.scripts[code].title if code in self.scripts else code)


def _tells_tags(step: object) -> bool:
    return isinstance(step, Do) and step.effect in _TELLING


def index_triggers(scripts: Mapping[str, Script]) -> dict[str, dict[str, str]]:
    """Return the five tables that find a script by what happened."""
    tables: dict[str, dict[str, str]] = {name: {} for name in ("word", "click", "event", "intent", "command")}
    for script in scripts.values():
        triggers = script.triggers
        intents = triggers.intents or ((script.id,) if script.kind is ScriptKind.SERVICE else ())
        for name, keys in (
            ("word", triggers.words),
            ("click", triggers.clicks),
            ("event", triggers.events),
            ("intent", intents),
            ("command", triggers.commands),
        ):
            tables[name].update(dict.fromkeys(map(normalise, keys) if name == "word" else keys, script.id))
    return tables
