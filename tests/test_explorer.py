"""Every shipped script is walked through: no way through it crashes, ends nowhere, says nothing or says too much."""

from __future__ import annotations

import pytest

from bot.content import load_content
from dialogs.explorer import Kit, explore
from dialogs.script import Script
from handlers.turns import GENERAL_SCRIPT
from handlers.wording import LIMIT_BYTES, render_reply

CONTENT, _ = load_content()
LONGEST_MARK = "t100000-200"  # of a prompt: it stands in every link


def build_kit(script: Script) -> Kit:
    is_general = script.id == GENERAL_SCRIPT
    services = [service for code, service in CONTENT.services.items() if is_general or code == script.id]
    facts = [{"service": {"code": each.code, "label": each.label, "butler": each.butler}} for each in services]
    return Kit(CONTENT.texts, CONTENT.words, CONTENT.calendar, lambda reply: render_reply(reply, LONGEST_MARK), facts)


@pytest.mark.parametrize("script", CONTENT.scripts.values(), ids=CONTENT.scripts)
def test_every_way_through_a_script_is_sound(script: Script, record_property) -> None:
    report = explore(script, build_kit(script))
    record_property("coverage", str(report))
    assert (report.faults, report.unreached, report.is_capped) == ((), (), False), str(report)


def test_the_limit_of_the_explorer_is_that_of_the_phone() -> None:
    from dialogs import findings

    assert findings.LIMIT_BYTES == LIMIT_BYTES
