"""Each shipped script walked through once in a test run: the report and the coverage come from the same walk."""

from __future__ import annotations

from functools import cache

from bot.commands.coverage import build_kit
from dialogs.coverage import Coverage, measure_coverage
from tests.loaded import CONTENT


@cache
def walk_script(script_id: str) -> Coverage:
    """Walk through a script as far as it goes."""
    script = CONTENT.scripts[script_id]
    return measure_coverage(script, build_kit(CONTENT, script))
