"""What the explorer tries on a script: beginnings, messages at a question, results of effects. Decides nothing about them.

Values that matter are read out of the script itself: what its conditions compare with, and what its own tests say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dialogs import transcript
from dialogs.answers.base import AnswerType, Heard
from dialogs.calendar import Calendar
from dialogs.check_names import list_uses
from dialogs.expressions import Expression
from dialogs.inputs import Begin, Given, Ran, Refused, Said, Tapped, TimedOut, TimerKind, World
from dialogs.naming import ITEM
from dialogs.script import Ask, Do, Script, ScriptTest, Start, Step
from dialogs.state import DialogState
from dialogs.survey import LED, PURPOSES
from dialogs.tree import Binary, Call, Items, Literal, Name, Node, Unary, walk
from dialogs.usual import RESULTS

SAMPLES: Mapping[AnswerType, tuple[str, ...]] = {
    AnswerType.TEXT: ("下午再打", "D2611210001"),
    AnswerType.NUMBER: ("1", "2", "3", "30", "100"),
    AnswerType.AMOUNT: ("100元", "1000元"),
    AnswerType.PHONE: ("13800138000",),
    AnswerType.DATE: ("明天", "下周六", "昨天", "1950年5月1日"),
    AnswerType.TIME: ("下午三点",),
    AnswerType.DATETIME: ("明天下午三点", "今天下午三点", "昨天下午三点"),
    AnswerType.TIMERANGE: ("明天下午两点到四点",),
    AnswerType.ROOM: ("1栋2单元301",),
    AnswerType.ADDRESS: ("解放路12号3栋2单元301",),
    AnswerType.PLATE: ("沪A12345",),
}
_WRONG = "说不好嘛？？"
_TOO_LONG = "啊" * 3000
_LONGEST = {AnswerType.TEXT: 500, AnswerType.ADDRESS: 120}  # where a step says nothing
_MEDIA = (AnswerType.IMAGE, AnswerType.VOICE, AnswerType.VIDEO, AnswerType.FILE, AnswerType.LOCATION)
_COMPARE = ("==", "!=", "<", "<=", ">", ">=", "in")
_MADE_UP = "not_possible"
_BOUND = {"bound": True, "name": "张阿姨", "room": "1栋-2单元-301", "community": "和苑", "phone_tail": "8000"}
_STAFF = {"name": "王师傅", "role": "technician"}

_SUMMER_NIGHT = datetime(2026, 7, 1, 23, 0, tzinfo=transcript.NOW.tzinfo)

Facts = Mapping[str, Any]
Values = Mapping[str, Sequence[Any]]


def list_atoms(script: Script) -> tuple[Expression, ...]:
    """Return the single conditions that decide about ways, and the arguments that are handed on: what states differ by."""
    deciding = [expression for step in script.steps for expression in _list_deciding(step)]
    nodes = dict.fromkeys(node for expression in deciding for node in _split(expression.node))
    return tuple(Expression("", node) for node in nodes)


def find_last_uses(script: Script) -> dict[Expression, int]:
    """Return for each atom the position of the last step that asks it: behind that step it decides nothing any more."""
    uses: dict[Expression, int] = {}
    for position, step in enumerate(script.steps):
        uses |= {Expression("", node): position for each in _list_deciding(step) for node in _split(each.node)}
    return uses


def _list_deciding(step: Step) -> Iterator[Expression]:
    yield from (each for each in (step.ask_if, *(branch.condition for branch in step.next)) if each is not None)
    if isinstance(step, Do | Start):
        yield from step.args.values()
    if isinstance(step, Ask):
        for option in step.options:
            yield from (each for each in (option.when, *option.args.values()) if each is not None)
        if step.options_from is not None:
            yield step.options_from.items


def list_choosing(script: Script) -> tuple[str, ...]:
    """Return the answers and variables that decide which items of a list may be chosen: states differ by their values."""
    sources = [step.options_from for step in script.steps if isinstance(step, Ask) and step.options_from is not None]
    used = {name.split(".")[0] for source in sources for each in source.list_expressions() for name in each.names()}
    return tuple(sorted(used - {ITEM}))


def _split(node: Node) -> Iterator[Node]:
    match node:
        case Binary(operator="and" | "or", left=left, right=right):
            yield from (*_split(left), *_split(right))
        case Unary(operator="not", operand=operand):
            yield from _split(operand)
        case Call(function="if", args=args):
            yield from (part for each in args for part in _split(each))
        case Literal():
            return
        case _:
            yield node


def list_values(script: Script) -> dict[str, list[Any]]:
    """Return, by dotted name, the values the script's expressions compare it with; a number with its neighbours."""
    found: dict[str, dict[Any, None]] = {}
    for step in script.steps:
        for use in list_uses(step):
            for node in walk(use.expression.node):
                for name, value in _list_compared(node):
                    found.setdefault(name, {}).update(dict.fromkeys(_widen(value)))
    return {name: list(values) for name, values in found.items()}


def _list_compared(node: Node) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Binary) and node.operator in _COMPARE and isinstance(node.left, Name):
        items = node.right.items if isinstance(node.right, Items) else (node.right,)
        yield from ((".".join(node.left.path), item.value) for item in items if isinstance(item, Literal))
    elif isinstance(node, Call) and node.function == "is_empty" and isinstance(node.args[0], Name):
        yield from ((".".join(node.args[0].path), value) for value in ("", "某某"))


def _widen(value: Any) -> tuple[Any, ...]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return (value, value - 1, value + 1) if is_number else (value,)


def list_beginnings(
    script: Script, values: Values, calendar: Calendar, facts: Sequence[Facts] = ()
) -> list[tuple[World, Begin]]:
    """Return the worlds and beginnings to try: bare ones, those of the tests, all `facts`, and one for each compared value.

    The first of `facts` holds wherever nothing else is said.
    """
    known: dict[str, Any] = {"owner": _BOUND, "staff": _STAFF, **(facts[0] if facts else {})}
    world, handed = build_world(known, calendar), dict.fromkeys(script.vars, "某某")
    begun = [(world, Begin()), (world, Begin(handed)), (build_world(known, calendar, _SUMMER_NIGHT), Begin(handed))]
    begun += [begin_test(script, test, calendar)[:2] for test in script.tests]
    begun += [(build_world({**known, **each}, calendar), Begin(handed)) for each in facts]
    if script.survey is not None:
        begun += _list_surveys(script, known, handed, calendar)
    if not script.needs:
        begun.append((build_world({"owner": {"bound": False}}, calendar), Begin()))
    for name, value in ((name, value) for name, compared in values.items() for value in compared):
        head, _, part = name.partition(".")
        if name in script.vars:
            begun.append((world, Begin({**handed, name: value})))
        elif part and head in world.facts and name != "owner.bound":
            begun.append((build_world({**known, head: {**known.get(head, {}), part: value}}, calendar), Begin(handed)))
    return begun


def _list_surveys(script: Script, known: Facts, handed: Mapping[str, Any], calendar: Calendar) -> Iterator[tuple[World, Begin]]:
    """Yield what a survey meets besides: it is led by staff, everything is consented to, or everything is known already."""
    world = build_world(known, calendar)
    granted = build_world({**known, "consents": dict.fromkeys(PURPOSES, "granted")}, calendar)
    knows = {step.inquiry.tag: _list_tag_values(step) for step in script.steps if isinstance(step, Ask) and step.inquiry.fresh}
    knowing = {**known, "knows": knows, "consents": dict.fromkeys(PURPOSES, "granted")}
    for each in (world, granted, build_world(knowing, calendar)):
        yield each, Begin(handed)
        yield each, Begin({**handed, LED: True})


def _list_tag_values(step: Ask) -> list[str]:
    if not step.options:
        return [next(iter(SAMPLES.get(step.type, ("2",))))]
    return [step.options[0].value or step.options[0].label.source]


def build_world(facts: Facts, calendar: Calendar, now: datetime = transcript.NOW) -> World:
    """Return the world of a script's tests with these facts, everything a script may ask for filled in."""
    return World(now, calendar, transcript.complete_facts(facts, facts.get("args", {})))


def begin_test(script: Script, test: ScriptTest, calendar: Calendar) -> tuple[World, Begin, int]:
    """Return the world and the beginning of a script's own test, and how many of its lines that takes."""
    is_opened = bool(test.turns) and test.turns[0].who in ("owner", "staff") and not test.starts_silent
    args, said = transcript.split_command(script, test.turns[0].text if is_opened else "")
    handed: dict[str, Any] = {"args": args} if args else {}
    return build_world({**test.facts, **handed}, calendar), Begin({**handed, **test.vars}, said), int(is_opened)


def list_messages(step: Ask, state: DialogState, lines: Sequence[str], values: Values) -> Iterator[Given]:
    """Yield what a person may send at a question besides its options: answers, a wrong one, pictures, an old tap.

    `lines` are what the script's tests say at this step.
    """
    if step.type in _LONGEST:
        yield say(
            "路" * int(step.max or _LONGEST[step.type])
        )  # the longest first: it is carried along into every text that repeats it
    for text in (*SAMPLES.get(step.type, ()), *lines, *(str(value) for value in values.get(step.id, ()))):
        yield transcript.read_line(text, state.turn)
    yield _say_wrong(step)
    yield Tapped(state.turn - 1, "yes")
    yield Tapped(state.turn, "no such key")
    yield from (transcript.read_line(f"[{kind}] 门口", state.turn) for kind in ("image", "location"))
    yield Said(Heard("voice"))
    if step.type in _MEDIA:
        yield transcript.read_line(f"[{step.type}]", state.turn)
    if step.type is AnswerType.REVIEW:
        yield say("不对")
        yield from (say(f"改 {number}") for number in range(1, len(state.path) + 1))


def list_silences(script: Script, step: Ask) -> Iterator[TimedOut]:
    """Yield the silences that lead on: a question with a timeout, a script that hands in what is there."""
    if step.timeout is not None:
        yield TimedOut(TimerKind.TIMEOUT)
    if script.sitting.on_idle.startswith("goto:"):
        yield TimedOut(TimerKind.IDLE)


def say(text: str) -> Said:
    """Return a text message."""
    return Said(Heard("text", text))


def _say_wrong(step: Ask) -> Said:
    """Return a message that answers the question in no way."""
    return say(_TOO_LONG if step.type in _LONGEST else _WRONG)


def list_results(script: Script, step: Do, values: Values) -> Iterator[Given]:
    """Yield what may come of an effect: the usual result, those of the tests, variations that matter; then each refusal."""
    usual = RESULTS.get(step.effect, {})
    yield Ran(usual)
    told = [turn for test in script.tests for turn in test.turns if turn.who == "result"]
    for turn in told:
        named = turn.given.get(step.save)
        if isinstance(named, Mapping):
            yield Ran(named)
    for part in usual:
        yield from (Ran({**usual, part: value}) for value in values.get(f"{step.save}.{part}", ()))
    yield from _list_refusals(script, step, values)


def _list_refusals(script: Script, step: Do, values: Values) -> Iterator[Refused]:
    usual = RESULTS.get(step.effect, {})
    told = {turn.text: turn.given for test in script.tests for turn in test.turns if turn.who == "refused"}
    reasons = [_MADE_UP, *values.get(f"{step.save}.reason", ()), *told]
    for reason in dict.fromkeys(reasons):
        yield Refused(reason, {**usual, **told.get(reason, {})})
