"""`coverage` tells of one script or of all, and refuses a name nobody has."""

from __future__ import annotations

from click.testing import CliRunner

from bot.cli import cli


def test_the_coverage_of_one_script_is_one_line_when_everything_is_reached() -> None:
    result = CliRunner().invoke(cli, ["coverage", "complaint"])
    assert result.exit_code == 0
    assert result.stdout.startswith("complaint: steps ")
    assert result.stdout.count("\n") == 1


def test_a_script_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    result = CliRunner().invoke(cli, ["coverage", "complant"])
    assert result.exit_code == 2
    assert "did you mean 'complaint'?" in result.output
