"""One person's turn: her conversation locked and loaded, who she is, and what will be saved and said at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, bindparam, case, func, literal, select, update
from sqlalchemy.orm import Session

from dialogs.effects import Effect
from dialogs.inputs import Ran, Refused, World
from dialogs.script import Script
from dialogs.state import DialogState, load_state
from dialogs.timing import find_next_timer
from handlers.confidence import dump_conversation, dump_waiting
from handlers.runtime import Runtime
from models.conversations import Conversation, InboundMessage
from models.database import Transaction, insert_for, table_of
from models.estate_services import select_switches
from models.followers import Follower, is_in_minute
from models.hot import HotStatement
from models.owners import LivingHome, Owner, read_homes, select_homes
from models.staff import Staff


@dataclass(frozen=True, slots=True)
class Person:
    """Who is behind an openid, as far as the register knows."""

    owner_id: int | None = None
    name: str = ""
    phone: str = ""
    room: str = ""
    community: str = ""
    relation: str = ""
    room_id: int | None = None
    building_id: int | None = None
    community_id: int | None = None
    staff_id: int | None = None
    staff_name: str = ""
    staff_role: str = ""

    @property
    def called(self) -> str:
        """Return the name colleagues know the person by."""
        return self.name or self.staff_name


Perform = Callable[["Desk", Effect], Ran | Refused]


def refuse_everything(_desk: Desk, _effect: Effect) -> Ran | Refused:
    """Refuse any effect: what a desk does that nobody gave the table of effects."""
    return Refused("forbidden")


@dataclass(slots=True)
class Desk:
    """The working place of one turn. `state` and the conversation fields are written back by `save`.

    `timer` is the row's, (instant, kind). `revisions` are the scripts this turn has run, for the timer that is written at
    its end. `afresh` is a sentence to be heard once more, because what stood before it has been let go. `homes` are the
    person's, main one first; `home_id` is the one she chose, remembered while the talk goes on.
    """

    runtime: Runtime
    tx: Transaction
    openid: str
    now: datetime
    person: Person
    state: DialogState | None = None
    round: int = 0
    waiting: list[Any] = field(default_factory=list)
    rest: str | None = None
    handover_task_id: int | None = None
    held: int = 0
    updated_at: datetime | None = None
    timer: tuple[datetime, str] | None = None
    revisions: dict[tuple[str, str], Script] = field(default_factory=dict)
    afresh: str = ""
    homes: tuple[LivingHome, ...] = ()
    switches: str | None = None  # of her estates, see models/estate_services.py
    home_id: int | None = None
    is_home_told: bool = False
    is_known: bool = False
    is_in_minute: bool = False  # her window was opened in this minute, and nothing was sent in it
    is_new: bool = True
    args: Mapping[str, str] = field(default_factory=dict)
    stored: tuple[bool, str | None] = (False, None)
    service: str = ""
    perform: Perform = refuse_everything
    key: str = ""  # of the message she is answered for: the evidence of what she says
    is_nameless: bool = False  # what she said in this conversation must not lead back to her

    @property
    def session(self) -> Session:
        """Return the transaction's Session."""
        return self.tx.session

    def say(self, key: str, /, **values: Any) -> str:
        """Return a general phrase."""
        return self.runtime.say(key, **values)

    def world(self) -> World:
        """Return what expressions may see in this turn."""
        person, content = self.person, self.runtime.content
        service = content.services.get(self._service_code())
        local = self.runtime.local(self.now)
        facts = {
            "owner": {
                "name": person.name,
                "title": person.name,
                "bound": person.owner_id is not None,
                "room": person.room,
                "rooms": [home.room for home in self.homes],
                "community": person.community,
                "relation": person.relation,
                "phone_tail": person.phone[-4:],
            },
            "staff": {"name": person.staff_name, "role": person.staff_role},
            "args": {"rest": "", "first": "", "more": "", **self.args},
            "now": {"date": local.date().isoformat(), "hour": local.hour},
            "service": {
                "code": service.code if service else "",
                "label": service.label if service else "",
                "butler": content.butlers.get(service.butler, "") if service else "",
            },
        }
        return World(now=local, calendar=content.calendar, facts=facts)

    def _service_code(self) -> str:
        if self.state is None:
            return self.service
        return str(self.state.vars.get("service") or self.state.script)


_ASKED = select(bindparam("openid", type_=String).label("openid")).subquery("asked")
_OPEN = HotStatement(
    select(
        Conversation.openid.label("conversation"),
        Conversation.state,
        Conversation.round,
        Conversation.waiting,
        Conversation.rest,
        Conversation.handover_task_id,
        Conversation.held,
        Conversation.updated_at,
        Conversation.timer_at,
        Conversation.timer_kind,
        Conversation.home_id,
        Follower.openid.label("follower"),
        case((and_(Follower.is_following, Follower.message_sent == 0), Follower.message_at)).label("unused_since"),
        Owner.id.label("owner_id"),
        Owner.name,
        Owner.phone,
        select_homes().label("homes"),
        select_switches().label("switches"),
        Staff.id.label("staff_id"),
        Staff.name.label("staff_name"),
        Staff.role.label("staff_role"),
        InboundMessage.id.label("seen"),
        InboundMessage.reply,
    ).select_from(
        _ASKED.outerjoin(Conversation, Conversation.openid == _ASKED.c.openid)
        .outerjoin(Follower, Follower.openid == _ASKED.c.openid)
        .outerjoin(Owner, Owner.id == Follower.owner_id)
        .outerjoin(Staff, and_(Staff.openid == _ASKED.c.openid, Staff.is_active == literal(value=True)))
        .outerjoin(InboundMessage, InboundMessage.key == bindparam("key", type_=String))
    )
)
_CONVERSATION = table_of(Conversation)
_SAVED = (
    *("state", "script", "revision", "round", "waiting", "rest", "handover_task_id", "held", "updated_at"),
    *("timer_at", "timer_kind", "home_id"),
)
_SAVE = HotStatement(
    update(_CONVERSATION).where(_CONVERSATION.c.openid == bindparam("asked")).values({name: bindparam(name) for name in _SAVED})
)
_LOCK = HotStatement(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("openid", type_=String), 0))))


def open_desk(runtime: Runtime, tx: Transaction, openid: str, key: str = "") -> Desk:
    """Lock a person's conversation, then load it with everything a turn needs, in one query.

    The lock comes first (SQLite: the write transaction itself; PostgreSQL: an advisory lock on the openid), so two
    messages of one person can never read the same state.
    """
    if not tx.is_sqlite:
        _LOCK.run(tx.connection, {"openid": openid})
    row, now = _load(tx, openid, key), runtime.now()
    homes = read_homes(row["homes"])
    return Desk(
        runtime=runtime,
        tx=tx,
        openid=openid,
        now=now,
        person=_read_person(row, homes),
        state=load_state(row["state"]) if row["state"] else None,
        round=row["round"] or 0,
        waiting=list(row["waiting"] or ()),
        rest=row["rest"],
        handover_task_id=row["handover_task_id"],
        held=row["held"] or 0,
        updated_at=row["updated_at"],
        timer=(row["timer_at"], row["timer_kind"]) if row["timer_at"] else None,
        homes=homes,
        switches=row["switches"],
        home_id=row["home_id"],
        is_known=row["follower"] is not None,
        is_in_minute=is_in_minute(row["unused_since"], now),
        is_new=row["conversation"] is None,
        key=key,
        stored=(row["seen"] is not None, row["reply"]),
    )


_PLACE = ("room", "community", "relation", "room_id", "building_id", "community_id")


def _load(tx: Transaction, openid: str, key: str) -> Mapping[str, Any]:
    return _OPEN.fetch(tx.connection, {"openid": openid, "key": key}) or {}


def _read_person(row: Mapping[str, Any], homes: tuple[LivingHome, ...]) -> Person:
    return Person(
        owner_id=row["owner_id"],
        name=row["name"] or "",
        phone=row["phone"] or "",
        staff_id=row["staff_id"],
        staff_name=row["staff_name"] or "",
        staff_role=row["staff_role"] or "",
        **(_name_place(homes[0]) if homes else {}),
    )


def place(person: Person, home: LivingHome) -> Person:
    """Return the person in one of her homes."""
    return replace(person, **_name_place(home))


def _name_place(home: LivingHome) -> dict[str, Any]:
    return {name: getattr(home, name) for name in _PLACE}


def reload_person(desk: Desk) -> None:
    """Read again who the person is, after a binding."""
    desk.tx.flush()
    row = _load(desk.tx, desk.openid, "")
    desk.homes, desk.switches = read_homes(row["homes"]), row["switches"]
    desk.person = _read_person(row, desk.homes)


def ensure_follower(desk: Desk) -> Follower:
    """Return the follower row behind the desk, made where it is new."""
    follower = desk.session.get(Follower, desk.openid)
    if follower is None:
        follower = Follower(openid=desk.openid, is_following=True, message_sent=0, click_sent=0)
        desk.session.add(follower)
        desk.session.flush()
    return follower


def save_conversation(desk: Desk, spoke_at: datetime | None = None) -> None:
    """Write where the conversation stands and what silence will do to it from `spoke_at`, her last message: now."""
    state, since = desk.state, spoke_at or desk.now
    desk.timer = find_timer(desk, since)
    values = {
        "state": dump_conversation(desk.runtime.content, state),
        "script": state.script if state else None,
        "revision": state.revision if state else None,
        "round": desk.round,
        "waiting": dump_waiting(desk.runtime.content, desk.waiting),
        "rest": desk.rest,
        "handover_task_id": desk.handover_task_id,
        "held": desk.held,
        "updated_at": since,
        "timer_at": desk.timer[0] if desk.timer else None,
        "timer_kind": desk.timer[1] if desk.timer else None,
        "home_id": desk.home_id,
    }
    if desk.is_new:
        statement = insert_for(desk.tx.connection, Conversation).values(openid=desk.openid, **values)
        desk.tx.connection.execute(statement.on_conflict_do_update(index_elements=["openid"], set_=values))
    else:
        _SAVE.run(desk.tx.connection, {"asked": desk.openid, **values})


def find_timer(desk: Desk, since: datetime) -> tuple[datetime, str] | None:
    """Return when silence has its next consequence, and which; None while a person answers or nothing is open."""
    state = desk.state
    if state is None or desk.handover_task_id is not None:
        return None
    script = desk.runtime.content.scripts.get(state.script)
    if script is None or script.revision != state.revision:
        script = desk.revisions.get((state.script, state.revision), script)
    timer = find_next_timer(script, state, desk.runtime.local(since)) if script is not None else None
    return (timer.at, timer.kind.value) if timer else None
