"""The command line: gathers the commands and turns every known refusal into one clear line and exit code 1.

Data goes to stdout, words for people to stderr; 0 done, 1 refused or failed, 2 wrong usage.
"""

from __future__ import annotations

from typing import Any

import click

from bot.commands import (
    account,
    audit,
    chats,
    checks,
    coverage,
    estates,
    owners,
    platform,
    pushes,
    registers,
    revisions,
    roles,
    scripts,
    surveys,
    tags,
    teaching,
    training,
)
from bot.memory import collect_seldom

NAME = "python -m bot"


class Refused(click.ClickException):
    """A refusal whose text is all there is to say."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        """Write the text to stderr."""
        click.echo(self.message, file=file, err=file is None)


class Doors(click.Group):
    """The group that catches what a person can do something about; anything else is a bug and shows its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            words = _explain(error)
            if words is None:
                raise
            raise Refused(words) from error


def _explain(error: Exception) -> str | None:
    """Return what to tell a person, None for a bug."""
    from bot.redis_server import RedisError
    from bot.settings import SettingsError
    from bot.supervisor import StartError
    from dialogs.places import ScriptError
    from handlers.errors import AppError, GatewayError, InvalidInputError
    from models.audience.errors import AudienceError

    if isinstance(error, InvalidInputError) and error.problems:
        return "\n".join((str(error), *error.problems))
    if isinstance(error, GatewayError):
        return _explain_platform(error.reason, str(error))
    if isinstance(error, (SettingsError, StartError, RedisError, ScriptError, AppError, AudienceError)):
        return str(error)
    return _explain_database(error)


def _explain_platform(reason: str, words: str) -> str:
    if reason == "unreachable":
        return "the platform cannot be reached; in sandbox mode it is there while `python -m bot run` runs"
    return f"the platform did not take the call: {words}"


def _explain_database(error: Exception) -> str | None:
    from sqlalchemy.exc import DBAPIError

    if not isinstance(error, DBAPIError):
        return None
    words = " ".join(str(error.orig).split())
    if "no such table" in words or "no such column" in words or "UndefinedTable" in type(error.orig).__name__:
        return f"the database has not this version's schema: run `python -m bot migrate` ({words})"
    return f"the database refused: {words}"


@click.group(cls=Doors, context_settings={"help_option_names": ["--help"], "max_content_width": 110})
@click.version_option(package_name=None, version="0.1.0", prog_name="guanjia")
def cli() -> None:
    """管家 (Guanjia): a property-management chatbot on a WeChat Official Account."""


for command in (
    *(roles.run, roles.web, roles.worker, roles.scheduler, roles.migrate),
    *(checks.check, checks.understand),
    *(scripts.play, scripts.draw, coverage.coverage),
    *(revisions.waiting, revisions.replay),
    *(registers.import_group, registers.export_command),
    *(owners.owners_group, owners.staff_group, owners.report_group),
    *(chats.conversation, chats.say),
    *(pushes.audience, pushes.push, pushes.tick),
    *(tags.tag, tags.tags_group),
    *(platform.menu, estates.services, account.account_group),
    *(training.train, teaching.unheard),
    surveys.survey_group,
    audit.audit_group,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    collect_seldom()
    cli.main(prog_name=NAME, obj=play)


def play(role: str) -> None:
    """Play a role in this process, as `python -m bot ROLE` does, and end with it."""
    from bot.logs import flush_logs

    try:
        cli.main([role], prog_name=NAME)
    finally:
        flush_logs()  # a process that was forked ends without the interpreter's own end
