"""Staff change tags of owners in the chat or by command: permitted, in their scope, validated, audited, undone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dialogs import effects_tags
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from handlers.tag_conflicts import decide
from handlers.tag_history import Undoing, undo_batch
from handlers.tag_people import find_in_scope, find_one_in_scope, get_owner_id, name_actor, name_room
from handlers.tag_rules import Outcome, TagOrigin
from handlers.tag_words import TagWish, UnknownTagError, read_changes, split_changes, split_words
from handlers.tag_writes import TagWrite, remove_tag, write_tag
from models.database import Transaction
from models.owner_cards import list_held_tags
from models.owners import Owner
from models.staff import Role
from models.tag_changes import TagChange, TagConflict, list_conflicts
from models.tags import list_tags

MAY_TAG = tuple(role.value for role in Role if role not in (Role.SUPPLIER, Role.FINANCE))
SEES_SENSITIVE = (Role.BUTLER.value, Role.SUPERVISOR.value)  # what is of level 2 (D06); the same in the console
CHAT = "chat"
UNDO_WITHIN = timedelta(days=1)
REFUSALS = {
    "no_consent": "needs the owner's own consent",
    "refused_profile": "the owner does not want anything of this kind kept",
    "forbidden": "this is never kept about owners",
}
Written = Sequence[tuple[TagWish, TagWrite]]


def make_origin(source: str, by: str, evidence: str) -> TagOrigin:
    """Return the origin of one act, with a name of its own to undo it by."""
    return TagOrigin(source, by, evidence=evidence, batch=uuid.uuid4().hex)


def apply_changes(runtime: Runtime, tx: Transaction, owner_id: int, changes: Sequence[TagWish], origin: TagOrigin) -> Written:
    """Write tag changes of an owner; returns what became of each. Doing it twice only renews them."""
    written = []
    for change in changes:
        work = write_tag if change.is_added else remove_tag
        written.append((change, work(runtime, tx, owner_id, change.key, change.value, origin)))
    return written


def change(runtime: Runtime, who: str, words: Sequence[str], by: str) -> dict[str, Any]:
    """Change tags of the owner with this openid or id, as a staff member or the command line; returns hers after."""
    changes = read_changes(runtime.content.vocabulary, split_words(words))
    with runtime.transaction() as tx:
        owner_id = get_owner_id(tx.session, who)
        origin = make_origin("command", name_actor(tx.session, by), " ".join(words))
        written = apply_changes(runtime, tx, owner_id, changes, origin)
        for wish, write in written:
            if write.outcome is Outcome.REFUSED and write.reason != "absent":
                raise InvalidInputError(f"{wish.key}={wish.value}: {REFUSALS.get(write.reason, write.reason)}")
        tx.flush()
        return {
            "owner_id": owner_id,
            "tags": list_tags(tx.session, owner_id, runtime.now()),
            "conflicts": [f"{wish.key}={wish.value}" for wish, write in written if write.outcome is Outcome.CONFLICT],
        }


def find_owners(desk: Desk, effect: effects_tags.FindOwners) -> Ran | Refused:
    """Find who may be meant, within the staff member's scope (R58)."""
    if desk.person.staff_role not in MAY_TAG:
        return Refused("forbidden")
    found = find_in_scope(desk.session, effect.who, desk.person.staff_id)[:9]
    if not found:
        return Refused("unknown", {"who": effect.who})
    owners = [{"key": str(each.id), "label": f"{each.name} {name_room(desk.session, each.id)}".strip()} for each in found]
    return Ran({"count": len(found), "owners": owners, "owner": owners[0]["key"] if len(found) == 1 else ""})


def show_tags(desk: Desk, effect: effects_tags.ShowTags) -> Ran | Refused:
    """Tell what is known of an owner, where it comes from and until when, and the first clash."""
    owner = _find_owner(desk, effect.owner)
    if isinstance(owner, Refused):
        return owner
    keys = desk.runtime.content.vocabulary.keys
    living = [tag for tag in list_held_tags(desk.session, owner.id) if tag.is_alive(desk.now) and tag.key in keys]
    lines = [
        desk.say(
            "tag.line",
            label=keys[tag.key].label,
            value=tag.value,
            source=_say_source(desk, tag.source),
            until=desk.runtime.local(tag.expires_at).date().isoformat() if tag.expires_at else "",
        )
        for tag in living
        if keys[tag.key].level == 1 or (keys[tag.key].is_in_audiences and _sees_sensitive(desk))
    ]
    return Ran({"name": owner.name, "text": "\n".join(lines), **_find_clash(desk, owner.id)})


def tag_owner(desk: Desk, effect: effects_tags.TagOwner) -> Ran | Refused:
    """Change tags of an owner in the staff member's scope; what contradicts her own word is shown, not written (D23)."""
    owner = _find_owner(desk, effect.owner)
    if isinstance(owner, Refused):
        return owner
    words = split_changes(effect.changes)
    if not words:
        return Refused("no_changes")
    try:
        changes = read_changes(desk.runtime.content.vocabulary, words)
    except UnknownTagError as error:
        return Refused("unknown_tag", {"text": error.word})
    origin = make_origin(CHAT, _actor(desk), effect.changes)
    written = apply_changes(desk.runtime, desk.tx, owner.id, changes, origin)
    refused = [wish for wish, write in written if write.outcome is Outcome.REFUSED and write.reason != "absent"]
    if refused and len(refused) == len(written):
        return Refused("no_consent", {"text": _name_all(desk, refused)})
    clashes = _find_clash(desk, owner.id, [wish.key for wish, write in written if write.outcome is Outcome.CONFLICT])
    return Ran({"owner": owner.name, "text": _render(desk, owner, written, refused), **clashes})


def decide_tag(desk: Desk, effect: effects_tags.DecideTag) -> Ran | Refused:
    """End a clash of an owner in the staff member's scope."""
    if desk.person.staff_role not in MAY_TAG:
        return Refused("forbidden")
    conflict = desk.session.get(TagConflict, int(effect.clash)) if effect.clash.isdecimal() else None
    if conflict is not None and not _may_decide(desk, conflict):
        return Refused("forbidden")
    if conflict is None or find_one_in_scope(desk.session, str(conflict.owner_id), desk.person.staff_id) is None:
        return Refused("unknown")
    try:
        decide(desk.runtime, desk.tx, conflict.id, is_taken=effect.take, by=_actor(desk))
    except (ConflictError, NotFoundError):
        return Refused("decided")
    label = desk.runtime.content.vocabulary.keys[conflict.key].label
    return Ran({"text": desk.say("tag.decided", label=label, value=conflict.other if effect.take else conflict.kept)})


def undo_tags(desk: Desk, _effect: effects_tags.UndoTags) -> Ran | Refused:
    """Take back what this staff member changed last in the chat, all of that message."""
    if desk.person.staff_role not in MAY_TAG:
        return Refused("forbidden")
    since, mine = desk.now - UNDO_WITHIN, (TagChange.by == _actor(desk), TagChange.source == CHAT)
    statement = select(TagChange).where(*mine, TagChange.undone_at.is_(None), TagChange.at > since)
    last = desk.session.scalar(statement.order_by(TagChange.id.desc()).limit(1))
    if last is None or last.batch is None:
        return Refused("nothing")
    owner = desk.session.get_one(Owner, last.owner_id)
    done = undo_batch(desk.runtime, desk.tx, last.batch, _actor(desk))
    if Undoing.UNDONE not in done:
        return Refused("changed", {"owner": owner.name})
    return Ran({"owner": owner.name, "text": last.evidence or ""})


def _find_owner(desk: Desk, key: str) -> Owner | Refused:
    if desk.person.staff_role not in MAY_TAG:
        return Refused("forbidden")
    return find_one_in_scope(desk.session, key, desk.person.staff_id) or Refused("unknown")


def _sees_sensitive(desk: Desk) -> bool:
    return desk.person.staff_role in SEES_SENSITIVE


def _may_decide(desk: Desk, conflict: TagConflict) -> bool:
    rule = desk.runtime.content.vocabulary.keys.get(conflict.key)
    return rule is None or rule.level == 1 or _sees_sensitive(desk)


def _actor(desk: Desk) -> str:
    return f"staff:{desk.person.staff_id}"


def _find_clash(desk: Desk, owner_id: int, keys: Sequence[str] | None = None) -> dict[str, str]:
    """Return the first open conflict as effects tell it; with `keys` only one of theirs."""
    labels = desk.runtime.content.vocabulary.keys
    for each in list_conflicts(desk.session, owner_id):
        if each.key in labels and (keys is None or each.key in keys) and (labels[each.key].level == 1 or _sees_sensitive(desk)):
            source = _say_source(desk, each.source)
            said = {"clash_label": labels[each.key].label, "kept": each.kept, "other": each.other}
            return {"clash": str(each.id), "clash_source": source, **said}
    return dict.fromkeys(("clash", "clash_label", "kept", "other", "clash_source"), "")


def _say_source(desk: Desk, source: str) -> str:
    return desk.say("tag.source", source=source)


def _name_all(desk: Desk, wishes: Sequence[TagWish]) -> str:
    return "、".join(f"{desk.runtime.content.vocabulary.keys[wish.key].label}：{wish.value}" for wish in wishes)


def _render(desk: Desk, owner: Owner, written: Written, refused: Sequence[TagWish]) -> str:
    def name(test: Callable[[TagWish, TagWrite], bool]) -> str:
        return _name_all(desk, [wish for wish, write in written if test(wish, write)])

    done = (Outcome.WRITTEN, Outcome.CONFIRMED)
    added = name(lambda wish, write: wish.is_added and write.outcome in done)
    removed = name(lambda wish, write: not wish.is_added and write.outcome in done)
    text = desk.say("tag.changed", owner=owner.name, added=added, removed=removed)
    return text + (desk.say("tag.left_out", text=_name_all(desk, refused)) if refused else "")
