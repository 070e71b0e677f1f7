"""Conditions on one living home -> SQL over residence and room."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from models.audience import comparing
from models.audience.nodes import NEGATIVE, TEXTUAL, And, Condition, Node, Operator, Or, list_leaves
from models.audience.tag_sql import compare
from models.owners import Owner, Residence, Stage
from models.places import Building, Community, Room, Unit, read_plain_label

NESTING = 10
_RESIDENCE = Residence.__table__.c
_ROOM = Room.__table__.c
_OF_RESIDENCE = ("relation", "stage", "moved_in")
_PARENTS: dict[str, tuple[ColumnElement[Any], Any]] = {
    "community": (_ROOM.community_id, Community.__table__.c),
    "building": (_ROOM.building_id, Building.__table__.c),
    "unit": (_ROOM.unit_id, Unit.__table__.c),
}


def has_home(node: Node, today: date, *, is_negated: bool) -> ColumnElement[bool]:
    """Return the condition that an owner has one living home of which the whole tree is true."""
    homes = select_residents(node, today)
    if is_negated:
        return homes.where(_RESIDENCE.owner_id == Owner.__table__.c.id).exists()
    return Owner.__table__.c.id.in_(homes)


def select_residents(node: Node, today: date) -> Select[Any]:
    """Return the SELECT of the owners who have such a home, once for each home."""
    return _choose(_RESIDENCE.owner_id, node, _compile(node, today, 0)).where(_RESIDENCE.ended_on.is_(None))


def _choose(what: ColumnElement[int], node: Node, condition: ColumnElement[bool]) -> Select[Any]:
    chosen = select(what).where(condition)
    if all(isinstance(leaf, Condition) and leaf.field in _OF_RESIDENCE for leaf in list_leaves(node)):
        return chosen
    return chosen.join_from(Residence.__table__, Room.__table__, _ROOM.id == _RESIDENCE.room_id)


def _compile(node: Node, today: date, depth: int) -> ColumnElement[bool]:
    if depth % NESTING == NESTING - 1 and isinstance(node, And | Or):  # SQLite's parser has a low ceiling
        apart = _choose(_RESIDENCE.id, node, _compile(node, today, depth + 1)).cte()
        return _RESIDENCE.id.in_(select(apart.c.id))
    match node:
        case And(items=items):
            return and_(*(_compile(item, today, depth + 1) for item in items))
        case Or(items=items):
            return or_(*(_compile(item, today, depth + 1) for item in items))
        case Condition():
            return _compile_test(node, today)
    raise AssertionError(f"{node} asks for more than a home")


def _compile_test(test: Condition, today: date) -> ColumnElement[bool]:
    moved_in: ColumnElement[Any] = _RESIDENCE.moved_in_on
    match test.field:
        case "moved_in":
            days = comparing.resolve_days(test.values, today)
            return and_(moved_in.is_not(None), compare(moved_in, test.operator, days))
        case "stage":
            return _compile_stage(test, today)
        case "relation":
            return compare(_RESIDENCE.relation, test.operator, comparing.list_texts(test.values))
        case "room":
            return _compile_room(test)
    link, parent = _PARENTS[test.field]
    column = parent.name if test.operator in TEXTUAL or test.field == "community" else parent.plain
    return link.in_(select(parent.id).where(compare(column, test.operator, comparing.list_names(test))))


def _compile_room(test: Condition) -> ColumnElement[bool]:
    """Return the test of the room's number, or of a whole room: 1-2-301 has this number and lies in that entrance."""
    if test.operator in TEXTUAL:
        return compare(_ROOM.label, test.operator, comparing.list_texts(test.values))
    if test.operator is Operator.HAS:
        return _ROOM.plain.is_not(None)
    wholes = [label.split("-", 2) for text in comparing.list_texts(test.values) if (label := read_plain_label(text))]
    named = or_(_ROOM.plain.in_(comparing.list_names(test)), *(_is_room(*parts) for parts in wholes))
    return not_(named) if test.operator in NEGATIVE else named


def _is_room(building: str, unit: str, room: str) -> ColumnElement[bool]:
    house, entrance = Building.__table__.c, Unit.__table__.c
    entrances = select(entrance.id).join_from(Unit.__table__, Building.__table__, house.id == entrance.building_id)
    return and_(_ROOM.plain == room, _ROOM.unit_id.in_(entrances.where(entrance.plain == unit, house.plain == building)))


def _compile_stage(test: Condition, today: date) -> ColumnElement[bool]:
    """Return the spans of move-in days of the stages that pass; no day at all counts as the day after today."""
    if test.operator is Operator.HAS:
        return _RESIDENCE.id.is_not(None)
    wanted = [stage for stage in Stage if comparing.holds(test.operator, stage.value, comparing.list_texts(test.values))]
    tomorrow, _ = comparing.stage_span(Stage.PROSPECTIVE, today)
    day = func.coalesce(_RESIDENCE.moved_in_on, tomorrow)
    spans = [comparing.stage_span(stage, today) for stage in wanted]
    return or_(*(day.between(first, last) for first, last in spans)) if spans else _RESIDENCE.id.is_(None)
