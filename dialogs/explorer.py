"""Walks a script breadth-first over the engine and says what goes wrong anywhere: a test that needs no expectations.

From every state it can reach it tries every option, answers of each type, wrong ones, media and all words that work
everywhere; effects run and are refused. Two states are one when step, answered questions, page and every single condition
agree, so that it ends. Pure like the engine: no clock, no randomness, no files.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

from dialogs import engine, probes, transcript
from dialogs.calendar import Calendar
from dialogs.findings import Report, describe, find_dead_ends, list_faults, shorten, tell_place
from dialogs.flow import BEYOND, list_edges, resolve
from dialogs.inputs import Given, Ran, Refused, Said, Tapped, World
from dialogs.outcome import Awaiting, Outcome, Reply
from dialogs.script import Ask, Do, Say, Script, ScriptTest, Step
from dialogs.session import COMMITTED, KNOWN, MEDIA, open_session
from dialogs.state import DialogState, dump_state, load_state
from dialogs.survey import CONFIRMING, LED, PAUSED
from dialogs.texts import EngineTexts
from dialogs.usual import RESULTS
from dialogs.words import COMMANDS, GlobalWords

MAX_STATES = 3000
_MAX_FAULTS = 20
_FOR_HOST = ("home", "handoff", "opt_out", "privacy", "progress", "withdraw")


@dataclass(frozen=True, slots=True)
class Kit:
    """What a walk needs besides the script. `render` returns a reply as it is sent, options as links.

    `facts` are further worlds to begin in, such as one for each service of the catalogue.
    """

    texts: EngineTexts
    words: GlobalWords
    calendar: Calendar
    render: Callable[[Reply], str]
    facts: Sequence[probes.Facts] = ()


@dataclass(frozen=True, slots=True)
class _Traced(Script):
    """A script that remembers which steps the engine looks up, in order."""

    trace: list[str] = field(default_factory=list, compare=False)

    def find_step(self, step_id: str) -> Any:
        step = Script.find_step(self, step_id)
        if step is not None and self.trace[-1:] != [step.id]:
            self.trace.append(step.id)
        return step


@dataclass(slots=True)
class _Node:
    """One state met for the first time. `onward`: the keys of the states its turns led to."""

    key: Hashable
    world: World
    state: DialogState
    told: str
    onward: set[Hashable] = field(default_factory=set)
    is_way_out: bool = False


def explore(script: Script, kit: Kit, *, max_states: int = MAX_STATES) -> Report:
    """Walk through the whole script and return what was found; never raises on what a script does."""
    walk = _Walk(script, kit, max_states)
    walk.run()
    return walk.report()


class _Walk:
    """One exploration: the queue of states not yet tried, and all that was met."""

    def __init__(self, script: Script, kit: Kit, max_states: int) -> None:
        parts = {each.name: getattr(script, each.name) for each in fields(Script) if each.init}
        self.script, self.kit, self.max_states = _Traced(**parts), kit, max_states
        self.values = probes.list_values(script)
        last_uses = probes.find_last_uses(script) if script.survey is not None else {}
        self.atoms = [(atom, last_uses.get(atom, len(script.steps))) for atom in probes.list_atoms(script)]  # and where it ends
        self.asked = {step.id for step in script.steps if isinstance(step, Ask)}  # computed values follow from these
        self.choosing = probes.list_choosing(script)
        self.nodes: dict[Hashable, _Node] = {}
        self.queue: deque[_Node] = deque()
        self.lines: dict[str, dict[str, None]] = {}
        self.words = {name: kit.words.forms[name][0] for name in COMMANDS}
        self.faults: dict[str, str] = {}  # what -> how to get there, first time
        self.entered: set[str] = set()
        self.taken: set[tuple[str, str]] = set()
        self.turns = 0

    # --- walking

    def run(self) -> None:
        """Begin everywhere, then try every state once; the ways of the tests come last, with what nothing else met."""
        self._follow_tests()  # for what is said at each question only
        self.nodes.clear()
        self.queue.clear()
        for world, begin in probes.list_beginnings(self.script, self.values, self.kit.calendar, self.kit.facts):
            self._turn(None, world, begin)
        self._try_all()
        self._follow_tests()
        self._try_all()

    def _try_all(self) -> None:
        while self.queue and len(self.nodes) < self.max_states and len(self.faults) < _MAX_FAULTS:
            self._try(self.queue.popleft())

    def _follow_tests(self) -> None:
        for test in self.script.tests:
            self._follow(test)

    def _follow(self, test: ScriptTest) -> None:
        """Go the way of one of the script's own tests, for its states and for what is said at each question."""
        world, begin, taken = probes.begin_test(self.script, test, self.kit.calendar)
        state = self._turn(None, world, begin)
        for position, turn in enumerate(test.turns):
            if state is None:
                return
            if turn.who in ("owner", "staff") and position >= taken:
                state = self._settle(world, state)
                if state is None:
                    return
                self.lines.setdefault(state.step, {})[turn.text] = None
                state = self._turn(state, world, transcript.read_line(turn.text, state.turn))
            elif state.waiting_effect and turn.who in ("result", "refused"):
                named = turn.given.get(self.script.find_step(state.step).save)
                given = Ran(named if isinstance(named, Mapping) else turn.given)
                state = self._turn(state, world, given if turn.who == "result" else Refused(turn.text, turn.given))

    def _settle(self, world: World, state: DialogState | None) -> DialogState | None:
        for _ in range(transcript.MAX_EFFECTS):
            if state is None or not state.waiting_effect:
                break
            state = self._turn(state, world, Ran(RESULTS.get(self.script.find_step(state.step).effect, {})))
        return state

    def _try(self, node: _Node) -> None:
        state, step = node.state, self.script.find_step(node.state.step)
        if isinstance(step, Do):
            for given in probes.list_results(self.script, step, self.values):
                self._turn(state, node.world, given, node)
            self._expect_same(node, probes.say("在吗"), "")
            return
        if not isinstance(step, Ask):
            self._fault(node.told, "it waits at a step that is no question")
            return
        awaited = engine.awaiting(self.script, state, node.world, self.kit.texts, self.kit.words)
        assert awaited is not None  # noqa: S101 - a question always awaits something
        self._try_options(node, awaited)
        for given in probes.list_silences(self.script, step):
            self._turn(state, node.world, given, node)
        self._try_messages(node, step)
        self._try_words(node)

    def _try_options(self, node: _Node, awaited: Awaiting) -> None:
        for option in awaited.options:
            told = self._turn(node.state, node.world, probes.say(str(option["number"])), node)
            tapped = self._turn(node.state, node.world, Tapped(node.state.turn, option["key"], option["label"]), node)
            if tell_place(told) != tell_place(tapped):
                self._fault(node.told, f"'{option['number']}' and a tap on '{option['label']}' lead to different places")

    def _try_messages(self, node: _Node, step: Ask) -> None:
        """Try what a person may say; what does not fit is said until it is given up: how often tells no states apart."""
        state, unfit = node.state, None
        for given in probes.list_messages(step, state, tuple(self.lines.get(step.id, ())), self.values):
            after = self._turn(state, node.world, given, node)
            if unfit is None and after is not None and after.tries > state.tries:
                unfit = given
        if unfit is not None:
            for tries in range(state.tries + 1, step.retries.limit):
                self._turn(replace(state, tries=tries), node.world, unfit, node)

    def _try_words(self, node: _Node) -> None:
        for name in ("skip", "back"):
            self._turn(node.state, node.world, probes.say(self.words[name]), node)
        for name in _FOR_HOST if PAUSED not in node.state.vars else ():
            self._expect_same(node, probes.say(self.words[name]), name)
        if PAUSED not in node.state.vars:
            self._expect_same(node, probes.say(self.words["repeat"]), "")
        self._step(node.state, node.world, probes.say(self.words["pause"]), node.told)
        gone = self._step(node.state, node.world, probes.say(self.words["cancel"]), node.told)
        if gone is not None and (gone.state is not None or gone.ended != "cancelled" or not gone.replies):
            self._fault(node.told, f"{self.words['cancel']} does not cancel: {gone.ended}")

    def _expect_same(self, node: _Node, given: Said, asked: str) -> None:
        """Try a word that leaves the conversation where it is; what the host answers needs no reply."""
        outcome = self._step(node.state, node.world, given, node.told)
        if outcome is not None and (outcome.state != node.state or outcome.asked != asked or not (asked or outcome.replies)):
            self._fault(node.told, f"'{given.heard.text}' does not leave it as it is")

    # --- one turn

    def _turn(self, state: DialogState | None, world: World, given: Given, node: _Node | None = None) -> DialogState | None:
        """Take a turn and keep the state it leads to when it is new; returns that state."""
        told = f"{node.told} > {describe(given)}" if node else f"begin {describe(given)}"
        outcome = self._step(state, world, given, told)
        if outcome is None:
            return None
        if outcome.state is None:
            if node is not None and outcome.ended != "cancelled":
                node.is_way_out = True
            return None
        key = self._fold(world, outcome.state)
        if node is not None:
            node.onward.add(key)
        if key not in self.nodes:
            self.nodes[key] = new = _Node(key, world, self._restart(outcome.state, told), shorten(told))
            self.queue.append(new)
        return outcome.state

    def _step(self, state: DialogState | None, world: World, given: Given, told: str) -> Outcome | None:
        self.turns += 1
        self.script.trace.clear()
        try:
            outcome = engine.step(self.script, state, given, world, self.kit.texts, self.kit.words)
        except Exception as error:  # whatever it is, it is a fault to report
            self._fault(told, f"{type(error).__name__}: {error}")
            return None
        self._cover(outcome)
        for what in list_faults(self.script, outcome, self.script.trace[-1], self.kit.render):
            self._fault(told, what)
        return outcome

    def _cover(self, outcome: Outcome) -> None:
        trace = self.script.trace
        heard = {reply.step for reply in outcome.replies} | set(outcome.state.answers if outcome.state else ())
        for step_id, following in pairwise(trace):
            self.taken.add((step_id, following))
            step = self.script.steps[self.script.positions[step_id]]
            is_next = self.script.positions[following] == self.script.positions[step_id] + 1
            if step.ask_if is None or not is_next or step_id in heard or _is_crossroads(step):
                self.entered.add(step_id)
        self.entered.add(trace[-1])

    # --- states

    def _fold(self, world: World, state: DialogState) -> Hashable:
        """Return what a state is told apart by."""
        scope = open_session(self.script, state, world, self.kit.texts, self.kit.words).scope()
        own = tuple(name in state.vars for name in (KNOWN, COMMITTED, MEDIA))
        here = self.script.positions[state.step]
        holding = tuple(atom.holds(scope, world) for atom, last_use in self.atoms if last_use >= here)
        own += tuple(bool(state.vars.get(name)) for name in (CONFIRMING, PAUSED, LED))
        if self.script.survey is None:
            answered = frozenset((name, answer.value is None) for name, answer in state.answers.items() if name in self.asked)
        else:  # any of its questions may be skipped; it asks one after another, so that only what is asked further on decides
            answered = frozenset({("", not state.path)})
        chosen = tuple(json.dumps(scope.get(name), sort_keys=True, default=str) for name in self.choosing)
        return state.step, state.waiting_effect, answered, state.page, state.reviewing, own, holding, chosen

    def _restart(self, state: DialogState, told: str) -> DialogState:
        """Return the state as it comes back from the database."""
        loaded = load_state(json.loads(json.dumps(dump_state(state))))
        if loaded != state:
            self._fault(told, "the state is another one after a restart")
        return loaded

    # --- reporting

    def _fault(self, told: str, what: str) -> None:
        self.faults.setdefault(what, told)

    def report(self) -> Report:
        """Return all that was found."""
        is_capped = bool(self.queue)
        ways_out = {node.key for node in self.nodes.values() if node.is_way_out}
        dead = () if is_capped else find_dead_ends({node.key: node.onward for node in self.nodes.values()}, ways_out)
        for node in (self.nodes[key] for key in dead):
            self._fault(node.told, f"no way on from '{node.state.step}' but to cancel")
        steps = tuple(step.id for step in self.script.steps)
        edges = list_edges(self.script)
        ways = dict.fromkeys((edge.origin, resolve(self.script, edge.target)) for edge in edges if edge.target != BEYOND)
        return Report(
            script=self.script.id,
            states=len(self.nodes),
            turns=self.turns,
            steps=len(steps),
            ways=len(ways),
            faults=tuple(f"{what} ({told})" for what, told in self.faults.items()),
            unreached=tuple(step for step in steps if step not in self.entered),
            untaken=tuple(f"{origin} -> {target}" for origin, target in ways if (origin, target) not in self.taken),
            is_capped=is_capped,
        )


def _is_crossroads(step: Step) -> bool:
    """Say whether a step only leads on: to be passed is all that can be asked of it."""
    return isinstance(step, Say) and not step.text.source
