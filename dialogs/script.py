"""What a script is, once read: frozen values with stable step ids. Nothing here reads YAML or runs a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dialogs.answers.base import AnswerType, Shown
from dialogs.conduct import Interrupt, OnBusy, Once, Quota, Resume, Sitting, Timeout, Upgrade
from dialogs.expressions import Expression
from dialogs.places import NOWHERE, Place, Problem, ScriptError
from dialogs.survey import NO_INQUIRY, Inquiry, Survey
from dialogs.templates import Template

__all__ = [
    "Ask",
    "Branch",
    "Check",
    "Compute",
    "Do",
    "End",
    "Interrupt",
    "OnBusy",
    "Once",
    "Option",
    "OptionsFrom",
    "Place",
    "Problem",
    "Quota",
    "Resume",
    "Retries",
    "Say",
    "Script",
    "ScriptError",
    "ScriptKind",
    "ScriptTest",
    "Sitting",
    "Start",
    "Step",
    "Template",
    "Timeout",
    "Triggers",
    "Turn",
    "Upgrade",
]


class ScriptKind(StrEnum):
    """What a script is for; a menu waits without nagging, a staff script is for staff only."""

    SERVICE = "service"
    MENU = "menu"
    SURVEY = "survey"
    CHAT = "chat"
    STAFF = "staff"
    PART = "part"  # steps that other scripts call; nothing starts it


@dataclass(frozen=True, slots=True)
class OptionsFrom:
    """Options read from a list of mappings: those where `condition` holds for `item`; `key` names its stable field."""

    items: Expression
    label: Template
    key: str = "key"
    condition: Expression | None = None
    say: str = ""  # the item's field with other words for it
    place: Place = field(default=NOWHERE, repr=False, compare=False)
    reads: frozenset[str] = field(init=False, repr=False, compare=False)  # the answers and variables it depends on

    def __post_init__(self) -> None:
        named = (name for each in (self.items, *self.list_expressions()) for name in each.names())
        object.__setattr__(self, "reads", frozenset(name.partition(".")[0] for name in named))

    def list_expressions(self) -> Iterator[Expression]:
        """Yield what is asked of each `item` of the list."""
        yield from self.label.list_expressions()
        if self.condition is not None:
            yield self.condition


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `key` is stored, `label` is read, `say` are other words for it; `goto` or `start` go on."""

    key: str
    label: Template
    say: tuple[str, ...] = ()
    when: Expression | None = None
    goto: str | None = None
    start: str | None = None
    args: Mapping[str, Expression] = field(default_factory=dict)
    value: str = ""  # the tag value it stands for in a survey; empty = its label
    place: Place = field(default=NOWHERE, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Check:
    """A rule on the answer `v`: when `condition` is false, `message` is said and the question stays."""

    condition: Expression
    message: Template


@dataclass(frozen=True, slots=True)
class Retries:
    """After `limit` answers that did not fit: `then` is handoff, skip, cancel or goto:<step>."""

    limit: int = 3
    then: str = "handoff"
    place: Place = field(default=NOWHERE, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Branch:
    """One way on: taken when `condition` holds (None is the else)."""

    target: str
    condition: Expression | None = None
    place: Place = field(default=NOWHERE, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that waits for an answer of one type."""

    id: str
    place: Place
    text: Template
    type: AnswerType
    options: tuple[Option, ...] = ()
    page: int = 9
    required: bool = True
    prefill: bool = True
    default: Expression | None = None
    checks: tuple[Check, ...] = ()
    invalid: Template | None = None
    unrecognised: Template | None = None
    retries: Retries = Retries()
    sensitive: bool = False
    min: float | None = None
    max: float | None = None
    unit: str = ""
    name: str = ""  # how a review calls this answer; empty = not listed
    is_past_allowed: bool = False  # key `past`: a birthday, when it broke
    is_whole: bool = False  # key `whole`: no fractions
    is_elsewhere: bool = False  # key `elsewhere`: a room that need not be one of hers
    options_from: OptionsFrom | None = None
    interrupt: Interrupt = Interrupt.ALLOW
    timeout: Timeout | None = None
    pattern: str = ""  # a regular expression the whole text must match
    key: str = ""  # a general phrase that is asked instead of the text
    inquiry: Inquiry = NO_INQUIRY
    ask_if: Expression | None = None
    next: tuple[Branch, ...] = ()
    shown: tuple[Shown, ...] | None = field(init=False, repr=False, compare=False, default=None)  # options, if always the same

    def __post_init__(self) -> None:
        if all(option.when is None and option.label.is_fixed for option in self.options):
            numbered = enumerate(self.options, 1)
            shown = tuple(Shown(number, option.key, option.label.source, option.say) for number, option in numbered)
            object.__setattr__(self, "shown", shown)


@dataclass(frozen=True, slots=True)
class Say:
    """A text that does not wait: what XLSForm calls a note. An empty one is a crossroads."""

    id: str
    place: Place
    text: Template
    ask_if: Expression | None = None
    next: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Compute:
    """A value that is worked out whenever the walk passes, kept as an answer, listed by a review when it has a name."""

    id: str
    place: Place
    value: Expression
    name: str = ""
    label: Template | None = None
    ask_if: Expression | None = None
    next: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Do:
    """An effect: the handlers run it in the same transaction and its result is kept in `save`."""

    id: str
    place: Place
    effect: str
    args: Mapping[str, Expression]
    save: str = ""
    on_refused: str | None = None
    ask_if: Expression | None = None
    next: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """Leaves this script for another one."""

    id: str
    place: Place
    script: Template
    args: Mapping[str, Expression] = field(default_factory=dict)
    ask_if: Expression | None = None
    next: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """The last word; `result` is completed, cancelled or refused."""

    id: str
    place: Place
    text: Template | None = None
    result: str = "completed"
    ask_if: Expression | None = None
    next: tuple[Branch, ...] = ()
    key: str = ""  # a general phrase that is said instead of the text


Step = Ask | Say | Compute | Do | Start | End


@dataclass(frozen=True, slots=True)
class Triggers:
    """What starts a script besides its intent: exact words, menu keys, platform events, scene prefixes."""

    words: tuple[str, ...] = ()
    clicks: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()  # staff: first word of a message


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a script's own test: who, and what was said or must be said or done."""

    who: str
    text: str
    place: Place
    given: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScriptTest:
    """A transcript shipped in the script's file."""

    name: str
    place: Place
    turns: tuple[Turn, ...]
    facts: Mapping[str, object] = field(default_factory=dict)
    vars: Mapping[str, object] = field(default_factory=dict)
    starts_silent: bool = False  # `start: menu`: begins without a first sentence


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation as data. `revision` is the hash of its content, so a revision never changes."""

    id: str
    kind: ScriptKind
    title: str
    revision: str
    place: Place
    steps: tuple[Step, ...]
    triggers: Triggers = Triggers()
    needs: tuple[str, ...] = ()  # conditions to start: "bound"
    vars: tuple[str, ...] = ()
    on_busy: OnBusy = OnBusy.ASK
    aliases: Mapping[str, str] = field(default_factory=dict)
    max_turns: int = 200
    sitting: Sitting = field(default_factory=Sitting)
    once: Once | None = None
    quota: Quota | None = None
    upgrade: Upgrade = Upgrade.PIN
    survey: Survey | None = None
    tests: tuple[ScriptTest, ...] = ()
    positions: Mapping[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", {step.id: number for number, step in enumerate(self.steps)})

    def find_step(self, step_id: str) -> Step | None:
        """Return the step of that id or alias, None when this revision has none."""
        position = self.positions.get(self.aliases.get(step_id, step_id))
        return None if position is None else self.steps[position]

    def peek_step(self, step_id: str) -> Step | None:
        """Return the step of that very id, for looking at it without going there."""
        position = self.positions.get(step_id)
        return None if position is None else self.steps[position]
