"""Every shipped script is walked through: no way through it crashes, ends nowhere, says nothing or says too much."""

from __future__ import annotations

import pytest

from bot.commands.coverage import LEAST_BRANCHES
from handlers.wording import LIMIT_BYTES
from tests.walks import CONTENT, walk_script


@pytest.mark.parametrize("script_id", CONTENT.scripts)
def test_every_way_through_a_script_is_sound_and_nearly_every_branch_is_taken(script_id: str, record_property) -> None:
    coverage = walk_script(script_id)  # one test for both: the walk is what costs
    report = coverage.report
    record_property("coverage", str(report))
    assert (report.faults, report.unreached, report.is_capped) == ((), (), False), str(report)
    assert coverage.step_share == 1, str(coverage)
    assert coverage.branch_share >= LEAST_BRANCHES, str(coverage)


def test_the_limit_of_the_explorer_is_that_of_the_phone() -> None:
    from dialogs import findings

    assert findings.LIMIT_BYTES == LIMIT_BYTES
