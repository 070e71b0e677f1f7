"""What becomes of a running conversation when its script has another revision by now, or none. Decides; says nothing.

The policy of the current script decides: `pin` goes on with the stored revision, `migrate` moves to the current one,
`restart` begins again on it with what was said already. A conversation whose effect has run never begins again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogs.conduct import Upgrade
from dialogs.inputs import Begin
from dialogs.migrate import begin_again, has_committed, plan_move
from dialogs.parse import parse_script
from dialogs.places import ScriptError
from dialogs.script import Script
from dialogs.state import DialogState
from handlers.desk import Desk
from models.conversations import ScriptRevision


@dataclass(frozen=True, slots=True)
class Course:
    """How a conversation goes on: on this script, from this state.

    With `begin` it begins again, the state only tells where it would stand. `is_same` is false when the question on the
    person's phone is no longer the one that is asked; her next message is not its answer then.
    """

    script: Script
    state: DialogState
    begin: Begin | None = None
    is_same: bool = True


def find_course(desk: Desk, state: DialogState) -> Course | None:
    """Return how a conversation goes on; None when neither its revision nor its script is there any more."""
    current = desk.runtime.content.scripts.get(state.script)
    if current is not None and current.revision == state.revision:
        return Course(current, state)
    stored = find_stored(desk.session, state.script, state.revision)
    pinned = Course(stored, state) if stored is not None else None
    if current is None or (pinned is not None and current.upgrade is Upgrade.PIN):
        return pinned
    move = plan_move(stored, current, state, desk.world())
    if not move.is_sure or current.upgrade is Upgrade.RESTART:
        if has_committed(state):
            return pinned
        return Course(current, move.state, begin_again(stored, current, state), move.is_same)
    return Course(current, move.state, is_same=move.is_same)


def find_script(desk: Desk, state: DialogState) -> Script | None:
    """Return the script a state was made by, for those who only look: its own revision, else the current one."""
    current = desk.runtime.content.scripts.get(state.script)
    if current is not None and current.revision == state.revision:
        return current
    return find_stored(desk.session, state.script, state.revision) or current


def find_stored(session: Session, script_id: str, revision: str) -> Script | None:
    """Return a revision that is kept; None when it is not, or when this version cannot read it any more."""
    wanted = (ScriptRevision.script == script_id, ScriptRevision.revision == revision)
    kept = session.execute(select(ScriptRevision.source, ScriptRevision.file).where(*wanted)).first()
    return _read(kept.source, kept.file) if kept is not None else None


@lru_cache(maxsize=256)
def _read(source: str, file: str) -> Script | None:
    try:
        return parse_script(source, file)
    except ScriptError:
        return None
