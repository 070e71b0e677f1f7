"""The fields one can ask for: their names, their kinds, and where they live. Knows nothing of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.audience.nodes import TEXTUAL, And, Condition, Node, Not, Operator, Or, Seen
from models.owners import Relation, Stage


class Kind(StrEnum):
    """How values of a field compare."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    MONTH = "month"
    INSTANT = "instant"
    BOOLEAN = "boolean"


class Place(StrEnum):
    """What a field belongs to."""

    HOME = "home"
    OWNER = "owner"
    FOLLOWER = "follower"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices` leads from every accepted spelling to the value that is stored."""

    name: str
    kind: Kind
    place: Place
    words: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    is_sealed: bool = False  # its values are sealed in the database: only equality can be asked there (D06)


_EXACT = {Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN}
ORDERING = {Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST, Operator.BETWEEN}

_RELATIONS = {name.value: name.value for name in Relation} | {"户主": "业主", "家属": "家人", "租户": "租客"}
_STAGES = {name.value: name.value for name in Stage}

FIELDS: tuple[Field, ...] = (
    Field("community", Kind.TEXT, Place.HOME, ("小区", "项目")),
    Field("building", Kind.TEXT, Place.HOME, ("楼栋", "楼", "栋")),
    Field("unit", Kind.TEXT, Place.HOME, ("单元",)),
    Field("room", Kind.TEXT, Place.HOME, ("房号", "房间", "室")),
    Field("relation", Kind.CHOICE, Place.HOME, ("关系",), _RELATIONS),
    Field("stage", Kind.CHOICE, Place.HOME, ("阶段", "业主阶段"), _STAGES),
    Field("moved_in", Kind.DATE, Place.HOME, ("入住", "入住日期")),
    Field("birthday", Kind.DATE, Place.OWNER, ("生日", "出生日期")),
    Field("birth_month", Kind.MONTH, Place.OWNER, ("生日月", "生日月份")),
    Field("age", Kind.NUMBER, Place.OWNER, ("年龄",)),
    Field("joined", Kind.INSTANT, Place.OWNER, ("建档", "建档日期")),
    Field("bound", Kind.BOOLEAN, Place.FOLLOWER, ("绑定", "已绑定")),
    Field("following", Kind.BOOLEAN, Place.FOLLOWER, ("关注", "已关注")),
)
BUILT_IN = {field.name: field for field in FIELDS}
FORBIDDEN = ("name", "phone", "openid", "姓名", "名字", "电话", "手机", "手机号")
RELATION_WORDS = dict(_RELATIONS)
WORDS: dict[str, Node] = {
    **{word: Condition("relation", Operator.EQUAL, (value,)) for word, value in _RELATIONS.items()},
    **{word: Condition("stage", Operator.EQUAL, (value,)) for word, value in _STAGES.items()},
    "未绑定": Condition("bound", Operator.EQUAL, (False,)),
    "未关注": Condition("following", Operator.EQUAL, (False,)),
}


def list_operators(field: Field) -> set[Operator]:
    """Return what may be asked of a field."""
    if field.kind is Kind.BOOLEAN:
        return {Operator.EQUAL, Operator.NOT_EQUAL}
    if field.kind is Kind.INSTANT:
        return _EXACT | ORDERING
    allowed = _EXACT | {Operator.HAS}
    if field.kind in (Kind.NUMBER, Kind.DATE, Kind.MONTH):
        return allowed | ORDERING
    if field.place is Place.TAG:
        return allowed | ORDERING | TEXTUAL
    return allowed | TEXTUAL if field.kind is Kind.TEXT else allowed


def is_home_only(node: Node) -> bool:
    """Tell whether a tree asks for nothing but one home, so that it may share that home with its neighbours."""
    match node:
        case And(items=items) | Or(items=items):
            return all(is_home_only(item) for item in items)
        case Condition(field=name):
            return name in BUILT_IN and BUILT_IN[name].place is Place.HOME
    return False


def names_profile(node: Node) -> bool:
    """Tell whether a tree asks for what is known of people, beside where they live and whether they follow (D09)."""
    match node:
        case And(items=items) | Or(items=items):
            return any(map(names_profile, items))
        case Not(item=item):
            return names_profile(item)
        case Condition(field=name):
            return name not in _PUBLIC
    return isinstance(node, Seen)


_PUBLIC = ("community", "building", "unit", "room", "relation", "bound", "following", "joined")
