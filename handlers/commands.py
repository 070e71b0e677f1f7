"""Which command a message begins with: 任务, 接单 NO, 标签 … are for staff, a few for everybody. What it does is a script."""

from __future__ import annotations

from dialogs.script import ScriptKind
from handlers.desk import Desk

AFTER_WORD = "：，、。！"  # what a Chinese keyboard, or the platform's ear for voice messages, puts behind a word
FULL_WIDTH = str.maketrans("＋－", "+-")


def find_command(desk: Desk, text: str) -> tuple[str, str] | None:
    """Return (script, what follows) when a message starts with a command word of hers; 任务列表 starts with none."""
    content, is_staff = desk.runtime.content, desk.person.staff_id is not None
    said = text.translate(FULL_WIDTH).strip().rstrip("。！")
    for word, script_id in content.by_command.items():
        if not said.startswith(word) or not (is_staff or content.scripts[script_id].kind is ScriptKind.CHAT):
            continue
        rest = said.removeprefix(word)
        if not rest or rest[0].isascii() or rest[0].isspace() or rest[0] in AFTER_WORD:
            return script_id, " ".join(rest.lstrip(AFTER_WORD + ":,").split())
    return None
