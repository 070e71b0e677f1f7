"""The working copy of a conversation during one turn: a state that may change until it is frozen again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from dialogs.effects import Effect
from dialogs.expressions import FACTS, LABELS, Expression, Scope
from dialogs.inputs import World
from dialogs.outcome import Outcome, Reply, StartScript
from dialogs.script import Ask, Compute, OptionsFrom, Script, Step, Template
from dialogs.state import Answer, DialogState
from dialogs.texts import EngineTexts
from dialogs.words import GlobalWords

# bookkeeping kept beside the script's variables; no script can write names that begin with _
KNOWN = "_known"  # answers by step id that are taken without asking when their step is reached
ASIDE = "_aside"  # answers of a way no longer taken, for coming back
SAID = "_said"  # texts already said, not repeated after a correction
COMMITTED = "_committed"  # an effect has run: there is no way back beyond it
MEDIA = "_media"  # pictures that came before their question
DEFAULTED = "_defaulted"  # questions whose default was used once
SOUGHT = "_sought"  # questions with a list whose answer was found in the first sentence

Made = TypeVar("Made")

_PHONE = re.compile(r"\d{11}")


def mask(label: str) -> str:
    """Hide the middle of a sensitive answer: 138****1234, 张*, 沪A***67."""
    if _PHONE.fullmatch(label):
        return f"{label[:3]}****{label[-4:]}"
    kept = 1 if len(label) < 6 else 2
    return label[:kept] + "*" * max(1, min(4, len(label) - 2 * kept)) + (label[-kept:] if len(label) > 2 else "")


def to_plain(value: Any) -> Any:
    """Return a value as JSON keeps it, so that a state is the same after a restart."""
    if isinstance(value, Mapping):
        return {str(name): to_plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


@dataclass(slots=True)
class Session:
    """One conversation in one turn. Built by `open_session`, closed by `freeze` or `finish`."""

    script: Script
    world: World
    texts: EngineTexts
    words: GlobalWords
    step: str = ""
    turn: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    vars: dict[str, Any] = field(default_factory=dict)
    tries: int = 0
    page: int = 0
    path: list[str] = field(default_factory=list)
    waiting_effect: bool = False
    reviewing: bool = False
    started_at: str = ""
    replies: list[Reply] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    asked: str = ""
    complaint: str = ""  # said before the next question
    _scope: dict[str, Any] | None = None
    _made: dict[int, tuple[frozenset[str], Any]] = field(default_factory=dict)

    # --- reading

    def make_once(self, source: OptionsFrom, make: Callable[[], Made]) -> Made:
        """Return what `make` makes of a list; made once until something changes that the list reads."""
        if id(source) not in self._made:
            self._made[id(source)] = (source.reads, make())
        found: Made = self._made[id(source)][1]
        return found

    def scope(self) -> Scope:
        """Return the names expressions may use now; built once until an answer or variable changes."""
        if self._scope is None:
            now = self.world.now
            self._scope = {
                **self.world.facts,
                **self.vars,
                **{name: answer.value for name, answer in self.answers.items()},
                "now": {"date": now.date().isoformat(), "hour": now.hour},
                FACTS: self.world.facts,
                LABELS: {name: answer.label for name, answer in self.answers.items() if answer.value is not None},
            }
        return self._scope

    def holds(self, condition: Expression | None) -> bool:
        """Say whether a condition holds; no condition always does."""
        return condition is None or condition.holds(self.scope(), self.world)

    def render(self, template: Template | None) -> str:
        """Return a text with its holes filled."""
        return "" if template is None else template.render(self.scope(), self.world)

    def phrase(self, key: str, values: Mapping[str, Any] | None = None) -> str:
        """Return a general phrase; `values` are seen by its holes."""
        scope = self.scope() if values is None else {**self.scope(), **values}
        return self.texts.render(key, scope, self.world)

    # --- changing

    def _change(self, name: str) -> None:
        """Let go of what was made out of the old value."""
        self._scope = None
        if self._made:
            self._made = {source: made for source, made in self._made.items() if name not in made[0]}

    def set_var(self, name: str, value: Any) -> None:
        """Keep a variable; None, empty lists and empty mappings are not kept."""
        if value is None or value in ([], {}):
            if name not in self.vars:
                return
            del self.vars[name]
        else:
            self.vars[name] = value
        self._change(name)

    def set_answer(self, step: Ask, answer: Answer) -> None:
        """Keep an answer; of a sensitive one neither the words nor the readable label remain whole."""
        self._change(step.id)
        if step.sensitive:
            answer = Answer(answer.value, answer.label if "*" in answer.label else mask(answer.label), "")
        self.answers[step.id] = answer

    def set_computed(self, step: Compute, value: Any, label: str) -> None:
        """Keep a value that was worked out; going back beyond its step forgets it."""
        self._change(step.id)
        self.answers[step.id] = Answer(value, label)
        self.path = [*(each for each in self.path if each != step.id), step.id]

    def drop_answer(self, step_id: str, place: str = ASIDE) -> None:
        """Take an answer out of the conversation into ASIDE (for coming back) or KNOWN (to be taken when reached).

        A computed value is forgotten, and so is the item of a list that was chosen.
        """
        answer, step = self.answers.pop(step_id, None), self.script.peek_step(step_id)
        if answer is not None:
            self._change(step_id)
        if isinstance(step, Ask) and step.options_from is not None:
            self.set_var(f"{step_id}_item", None)
            self.set_var(f"{step_id}_items", None)
        if answer is not None and not isinstance(step, Compute):
            self.keep(place, step_id, answer)

    def keep(self, place: str, step_id: str, answer: Answer) -> None:
        """Keep an answer outside the conversation."""
        self.set_var(place, {**self.vars.get(place, {}), step_id: asdict(answer)})

    def take(self, place: str, step_id: str) -> Answer | None:
        """Take an answer out of ASIDE or KNOWN, None when none is there."""
        kept = self.vars.get(place)
        if not kept or step_id not in kept:
            return None
        self.set_var(place, {name: each for name, each in kept.items() if name != step_id})
        return Answer(**kept[step_id])

    def move(self, step_id: str) -> None:
        """Stand on another step, with fresh tries and the first page."""
        self.step, self.tries, self.page = step_id, 0, 0

    def say(self, text: str) -> None:
        """Add a reply without options."""
        if text:
            self.replies.append(Reply(text, (), self.step, self.turn))

    # --- ending

    def freeze(self, *, asked: str = "") -> Outcome:
        """Return what this turn brought; the conversation goes on."""
        return Outcome(self._state(), tuple(self.replies), tuple(self.effects), asked=asked or self.asked)

    def _state(self) -> DialogState:
        return DialogState(
            script=self.script.id,
            revision=self.script.revision,
            step=self.step,
            turn=self.turn,
            answers=self.answers,
            vars=self.vars,
            tries=self.tries,
            page=self.page,
            path=tuple(self.path),
            waiting_effect=self.waiting_effect,
            reviewing=self.reviewing,
            started_at=self.started_at,
        )

    def finish(self, result: str, *, start: StartScript | None = None, asked: str = "") -> Outcome:
        """Return what this turn brought; the conversation is over."""
        return Outcome(None, tuple(self.replies), tuple(self.effects), result, start, asked, self._state())


def open_session(script: Script, state: DialogState | None, world: World, texts: EngineTexts, words: GlobalWords) -> Session:
    """Return a working copy of the state, or of a conversation that begins now."""
    if state is None:
        return Session(script, world, texts, words, started_at=world.now.isoformat())
    return Session(
        script=script,
        world=world,
        texts=texts,
        words=words,
        step=state.step,
        turn=state.turn,
        answers=dict(state.answers),
        vars=dict(state.vars),
        tries=state.tries,
        page=state.page,
        path=list(state.path),
        waiting_effect=state.waiting_effect,
        reviewing=state.reviewing,
        started_at=state.started_at,
    )


def find_following(script: Script, step: Step) -> str | None:
    """Return the id of the step that stands behind this one in the file, None behind the last."""
    position = script.positions[step.id] + 1
    return script.steps[position].id if position < len(script.steps) else None
