"""What a person agreed to, as it stands now: asked by whoever keeps, offers or hands on. Writes nothing (D01, D03, D04)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.rights_book import PURPOSES
from models.consents import PersonIds, find_newest, find_versions
from models.owners import Relation, Residence

REFUSAL = timedelta(days=180)  # how long a no is respected (D04)
GRANTED, REFUSED, UNKNOWN, STALE = "granted", "refused", "unknown", "stale"
MINORS = "minors"
GUARDIANS = (Relation.OWNER.value, Relation.FAMILY.value)


def is_granted(session: Session, owner_id: int | None, purpose: str, now: datetime, openid: str | None = None) -> bool:
    """Tell whether the person's newest word is yes, and to the text that is in force."""
    return _read_state(session, PersonIds(owner_id, openid), now)[0].get(purpose) == GRANTED


def may_ask(session: Session, owner_id: int | None, purpose: str, now: datetime, openid: str | None = None) -> bool:
    """Tell whether she may be asked: not while a refusal is remembered (D04)."""
    return _read_state(session, PersonIds(owner_id, openid), now)[1].get(purpose, True)


def read_facts(session: Session, person: PersonIds, now: datetime) -> dict[str, dict[str, Any]]:
    """Return what scripts may know: `consents` purpose -> granted, refused, unknown or stale; `may_ask` purpose -> bool."""
    states, askable = _read_state(session, person, now)
    return {
        "consents": {code: states.get(code, UNKNOWN) for code in PURPOSES},
        "may_ask": {code: _may_speak(session, person, code) and askable.get(code, True) for code in PURPOSES},
    }


def find_guardianship(session: Session, owner_id: int | None) -> str:
    """Return the registered relation by which somebody may speak for a home's children, "" without one (D07)."""
    if owner_id is None:
        return ""
    living = select(Residence.relation).where(Residence.owner_id == owner_id, Residence.ended_on.is_(None))
    return session.scalar(living.where(Residence.relation.in_(GUARDIANS)).order_by(Residence.id).limit(1)) or ""


def read_states(session: Session, person: PersonIds, now: datetime) -> dict[str, str]:
    """Return purpose -> granted, refused or stale, for those that something was ever said about."""
    return _read_state(session, person, now)[0]


def _may_speak(session: Session, person: PersonIds, purpose: str) -> bool:
    return purpose != MINORS or bool(find_guardianship(session, person.owner_id))


def _read_state(session: Session, person: PersonIds, now: datetime) -> tuple[dict[str, str], dict[str, bool]]:
    newest, versions = find_newest(session, person), find_versions(session)
    states: dict[str, str] = {}
    for code, row in newest.items():
        is_current = row.text_version == versions.get(code)
        states[code] = REFUSED if not row.granted else GRANTED if is_current else STALE
    return states, {code: row.granted or now - row.at >= REFUSAL for code, row in newest.items()}
