"""Starts a conversation with somebody who did not write: her question goes out by the outbox and waits for her answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogs.script import OnBusy, ScriptKind
from handlers import notices
from handlers.desk import Desk, open_desk, save_conversation
from handlers.runtime import Runtime
from handlers.turns import begin
from handlers.upgrades import find_script
from handlers.wording import join_replies, render_link
from models.database import Transaction


def invite(runtime: Runtime, tx: Transaction, openid: str, script_id: str, values: Mapping[str, Any]) -> None:
    """Ask `openid` the first question of a script, in the caller's transaction.

    Somebody in the middle of another script is not torn out of it: the invitation waits behind it, and she is told at
    once with a link that takes her there.
    """
    desk = open_desk(runtime, tx, openid)
    is_free = _is_free(desk)
    if is_free:
        text = join_replies(begin(desk, script_id, values))
    else:
        mark = f"w{desk.round}-{len(desk.waiting)}"
        desk.waiting = [*desk.waiting, {"script": script_id, "vars": dict(values), "mark": mark}]
        title = runtime.content.scripts[script_id].title
        text = desk.say("host.invited", title=title, link=render_link(title, mark), **values)
    save_conversation(desk, spoke_at=None if is_free else desk.updated_at)  # her own silence goes on
    fields = {"no": str(values.get("no", "")), "summary": str(values.get("service", "")), "status": text.split("\n")[0]}
    notices.notify(runtime, tx, openid, text, template="notice", fields=fields)


def _is_free(desk: Desk) -> bool:
    if desk.handover_task_id is not None:
        return False
    if desk.state is None or desk.updated_at is None or desk.now - desk.updated_at > desk.runtime.options.idle:
        return True
    script = find_script(desk, desk.state)
    return script is None or script.kind is ScriptKind.MENU or script.on_busy is OnBusy.REPLACE
