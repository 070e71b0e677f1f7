"""A list of steps -> plain steps: calls of parts and repeats are written out, so that nothing behind this knows of them.

The steps of a call `visit` are named visit_<id>, those of the second round of a repeat `members` members_2_<id>; names,
texts and targets inside follow. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dialogs.answers.base import AnswerType
from dialogs.expressions import Expression
from dialogs.fields import Fields, suggest
from dialogs.naming import Naming
from dialogs.parse_asks import list_item_names
from dialogs.parse_steps import NULL, RESERVED, SHARED, parse_step, read_save, read_shared
from dialogs.places import Place, Problem
from dialogs.script import Ask, Branch, Compute, End, Say, Step, Template
from dialogs.source import Node
from dialogs.survey_steps import Additions
from dialogs.tree import Binary, Literal, Name, Record, Rows, Unary
from dialogs.tree import Node as Tree

MAX_LEVELS = 5
MAX_STEPS = 200
MAX_ROUNDS = 20
CALL_KEYS = ("call", "with", "save")
REPEAT_KEYS = ("max", "count", "until", "steps")
_EMPTY = Template("", ())
_TRUE = Literal(True, 1)

Parts = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Level:
    """Where a list of steps stands: how it is named, what comes behind it, where its ends lead ("": they end it all)."""

    naming: Naming
    following: str = ""
    returns_to: str = ""
    depth: int = 0
    chain: tuple[str, ...] = ()  # the parts being written out


@dataclass(slots=True)
class Writer:
    """Writes out the steps of one script; `problems` is shared by the whole file."""

    parts: Parts
    problems: list[Problem]
    steps: list[Step] = field(default_factory=list)
    is_full: bool = False
    additions: Additions | None = None  # what a survey gets by itself

    def write(self, nodes: Sequence[Node], level: Level) -> None:
        """Add the steps of a list, blocks among them written out."""
        for position, node in enumerate(nodes):
            if len(self.steps) >= MAX_STEPS:
                self._note_full(node)
                return
            behind = self.find_entry(nodes[position + 1], level.naming.prefix) if position + 1 < len(nodes) else level.following
            fields = Fields(node, "a step", self.problems, level.naming)
            if self.additions is not None:
                self.steps += self.additions.list_before(node)
            if fields.has("call"):
                self._write_call(fields, replace(level, following=behind))
            elif fields.has("repeat"):
                self._write_repeat(fields, replace(level, following=behind))
            else:
                step = parse_step(fields)
                self.steps += [] if step is None else self._surround(node, step, level)

    def _surround(self, node: Node, step: Step, level: Level) -> Iterable[Step]:
        written = _lead_back(step, level)
        return (written,) if self.additions is None else self.additions.surround(node, written, level.naming.prefix)

    def _note_full(self, node: Node) -> None:
        if not self.is_full:
            self.problems.append(Problem(node.place, "too_many_steps", f"more than {MAX_STEPS} steps, blocks written out"))
        self.is_full = True

    # --- names

    def find_entry(self, node: Node, prefix: str, depth: int = 0) -> str:
        """Return the step where a step of the file begins once it is written out."""
        if self.additions is not None and (before := self.additions.find_entry(node, prefix)):
            return before
        step_id, body, repeat = prefix + node.text_of("id"), self.parts.get(node.text_of("call")), node.get("repeat")
        if depth > MAX_LEVELS or (body is None and repeat is None):
            return step_id
        if node.get("ask_if") is not None:
            return f"{step_id}_0"
        if repeat is not None:
            first = next(iter(_list_maps(repeat, "steps")), None)
            begins_plain = first is not None and repeat.get("count") is None
            return self.find_entry(first, f"{step_id}_1_", depth + 1) if first and begins_plain else f"{step_id}_1"
        handed, steps = _list_vars(body), _list_maps(body, "steps")
        if handed:
            return f"{step_id}_{handed[0]}"
        return self.find_entry(steps[0], f"{step_id}_", depth + 1) if steps else step_id

    def name_steps(self, nodes: Iterable[Node], prefix: str = "", handed: Iterable[str] = ()) -> Naming:
        """Return the naming of a list of steps: what they are called and set, and where its blocks begin."""
        own, blocks = set(handed), {}
        for node in nodes:
            step_id = node.text_of("id")
            own |= {step_id, node.text_of("save"), *list_item_names(node)} - {""}
            entry = self.find_entry(node, prefix)
            if entry != prefix + step_id or node.get("call") is not None or node.get("repeat") is not None:
                blocks[step_id] = entry
        return Naming(prefix, frozenset(own), blocks)

    # --- calls

    def _write_call(self, fields: Fields, level: Level) -> None:
        fields.what = "a step with 'call'"
        fields.check_keys((*SHARED, *CALL_KEYS))
        shared, save, part_id = read_shared(fields), read_save(fields), fields.text("call")
        part = self._find_part(fields, part_id, level)
        if part is None:
            return
        begun, handed, nodes = shared["id"], _list_vars(part), _list_maps(part, "steps")
        prefix, closing = f"{begun}_", save or begun
        self._pass_over(shared, closing)
        for name, value in self._read_with(fields, part_id, handed).items():
            self.steps.append(Compute(prefix + name, fields.node.place, value))
        naming = replace(self.name_steps(nodes, prefix, handed), rounds=level.naming.rounds)
        self.write(nodes, Level(naming, closing, closing, level.depth + 1, (*level.chain, part_id)))
        self._close(shared | {"id": closing}, _record(nodes, prefix) if save else None, level)

    def _find_part(self, fields: Fields, part_id: str, level: Level) -> Node | None:
        place = fields.place_of("call")
        if part_id not in self.parts:
            fields.note(place, "unknown_part", f"there is no part '{part_id}'{suggest(part_id, self.parts)}")
        elif part_id in level.chain:
            fields.note(place, "recursion", f"the part calls itself: {' > '.join((*level.chain, part_id))}")
        elif not self._is_too_deep(fields, level):
            return self.parts[part_id]
        return None

    def _is_too_deep(self, fields: Fields, level: Level) -> bool:
        if level.depth >= MAX_LEVELS:
            fields.note(fields.node.place, "too_deep", f"blocks inside blocks, more than {MAX_LEVELS} levels")
        return level.depth >= MAX_LEVELS

    def _read_with(self, fields: Fields, part_id: str, handed: Sequence[str]) -> dict[str, Expression]:
        given = fields.expressions("with")
        for name, expression in given.items():
            if name not in handed:
                fields.note(expression.place, "unknown_argument", f"'{part_id}' takes no '{name}'{suggest(name, handed)}")
        return {name: given.get(name, NULL) for name in handed}

    # --- repeats

    def _write_repeat(self, fields: Fields, level: Level) -> None:
        fields.what = "a step with 'repeat'"
        fields.check_keys((*SHARED, "repeat"))
        shared = read_shared(fields)
        inner = fields.within("repeat", "repeat", "a mapping such as {max: 6, count: people, steps: [...]}")
        if inner is None or self._is_too_deep(fields, level):
            return
        inner.check_keys(REPEAT_KEYS)
        if not inner.has("count") and not inner.has("until"):
            inner.note(inner.node.place, "missing_key", "repeat needs 'count' or 'until'")
        if not inner.has("max"):
            inner.note(inner.node.place, "missing_key", "repeat needs the key 'max'")
        self._pass_over(shared, shared["id"])
        rows = self._write_rounds(inner, shared["id"], level)
        self._close(shared, Rows(rows), level)

    def _write_rounds(self, inner: Fields, step_id: str, level: Level) -> tuple[tuple[Tree, Tree], ...]:
        nodes, most, count = inner.maps("steps", required=True), inner.count("max", 1, 1, MAX_ROUNDS), inner.expression("count")
        rows: list[tuple[Tree, Tree]] = []
        until: Expression | None = None  # of the round before
        for number in range(1, most + 1):
            naming = self._name_round(nodes, step_id, number, level.naming)
            leaving = [] if count is None else [_is_beyond(count, number)]
            leaving += [] if until is None else [until]
            rows.append((_never(leaving), _record(nodes, naming.prefix)))
            if leaving:
                self._leave(f"{step_id}_{number}", leaving, step_id, inner.node.place)
            self._write_round(nodes, replace(level, naming=naming, depth=level.depth + 1), step_id, number, most)
            until = replace(inner, naming=naming).expression("until")
        return tuple(rows)

    def _name_round(self, nodes: Sequence[Node], step_id: str, number: int, outer: Naming) -> Naming:
        rounds = f"{outer.rounds}.{number}" if outer.rounds else str(number)
        return replace(self.name_steps(nodes, f"{step_id}_{number}_"), number=number, rounds=rounds, outer=outer)

    def _write_round(self, nodes: Sequence[Node], level: Level, step_id: str, number: int, most: int) -> None:
        before = len(self.steps)
        self.write(nodes, replace(level, following=f"{step_id}_{number + 1}" if number < most else step_id))
        if number > 1:  # what the first sentence says is said of the first one
            self.steps[before:] = [
                replace(each, prefill=False) if isinstance(each, Ask) else each for each in self.steps[before:]
            ]

    # --- around a block

    def _pass_over(self, shared: Mapping[str, object], closing: str) -> None:
        """A block whose ask_if does not hold is passed over as a whole."""
        condition, place = shared["ask_if"], shared["place"]
        if isinstance(condition, Expression) and isinstance(place, Place):
            self._leave(f"{shared['id']}_0", [_negate(condition)], closing, place)

    def _leave(self, step_id: str, conditions: Sequence[Expression], closing: str, place: Place) -> None:
        source = " or ".join(each.source for each in conditions)
        condition = Expression(source, _either([each.node for each in conditions]), place)
        self.steps.append(Say(step_id, place, _EMPTY, condition, (Branch(closing, None, place),)))

    def _close(self, shared: dict[str, object], value: Tree | None, level: Level) -> None:
        """Add the step where a block ends: it keeps the block's value, or is a mere landing."""
        place = shared["place"]
        if value is not None:
            self.steps.append(Compute(**shared, value=Expression(_describe(value), value)))  # type: ignore[arg-type]
            return
        way = shared["next"] or ((Branch(level.following, None, place),) if level.following else ())  # type: ignore[arg-type]
        self.steps.append(Say(**shared | {"next": way}, text=_EMPTY))  # type: ignore[arg-type]


def _lead_back(step: Step, level: Level) -> Step:
    """Return a part's plain end as a way back to its caller; another end ends the conversation."""
    if not level.returns_to or not isinstance(step, End) or step.result != "completed":
        return step
    way = (Branch(level.returns_to, None, step.place),)
    return Say(step.id, step.place, step.text or _EMPTY, step.ask_if, way)


def _record(nodes: Iterable[Node], prefix: str) -> Record:
    """Return the mapping of what a list of steps asks, works out and saves."""
    names = dict.fromkeys(name for node in nodes for name in _list_set(node))
    return Record(tuple((name, Name((prefix + name,), 1)) for name in names))


def _list_set(node: Node) -> tuple[str, ...]:
    is_kept = node.get("set") is not None or node.get("repeat") is not None
    is_kept = is_kept or (node.get("ask") is not None and node.text_of("type") != AnswerType.REVIEW)
    return tuple(name for name in (node.text_of("id") if is_kept else "", node.text_of("save")) if name)


def _list_vars(part: Node | None) -> tuple[str, ...]:
    found = part.get("vars") if part is not None else None
    named = () if found is None else (found,) if found.kind == "scalar" else found.items
    return tuple(each.text for each in named if each.text and each.text not in RESERVED)


def _list_maps(node: Node | None, key: str) -> tuple[Node, ...]:
    found = node.get(key) if node is not None else None
    return () if found is None else tuple(item for item in found.items if item.kind == "map")


def _either(conditions: Sequence[Tree]) -> Tree:
    first, *rest = conditions
    return Binary("or", first, _either(rest), 1) if rest else first


def _negate(condition: Expression) -> Expression:
    return Expression(f"not ({condition.source})", Unary("not", condition.node, 1), condition.place)


def _is_beyond(count: Expression, number: int) -> Expression:
    enough = Binary(">=", count.node, Literal(number, 1), 1)
    return _negate(Expression(f"{count.source} >= {number}", enough, count.place))


def _never(conditions: Sequence[Expression]) -> Tree:
    return Unary("not", _either([each.node for each in conditions]), 1) if conditions else _TRUE


def _describe(value: Tree) -> str:
    """Return how a block's value is drawn: {when, tel}, or [{name, age}] for a repeat."""
    if isinstance(value, Rows):
        return f"[{_describe(value.rows[0][1])}]" if value.rows else "[]"
    return "{" + ", ".join(name for name, _ in value.entries) + "}" if isinstance(value, Record) else ""
