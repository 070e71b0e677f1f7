"""Commands about tags: of one person, of everybody in an audience; what is known, what contradicts itself, and undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.commands.opening import open_runtime, print_json, who

if TYPE_CHECKING:
    from handlers.runtime import Runtime

BY_HELP = "Who does it: a staff member's openid, phone, name or id."


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--by", default="", help=BY_HELP)
@click.option("--audience", "expression", default="", help="Everybody in this audience instead of one person.")
@click.option("--yes", "is_sure", is_flag=True, help="With --audience: write, after the count has been looked at.")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[OPENID_OR_ID] +key=value -key=value ...")
def tag(by: str, expression: str, words: tuple[str, ...], *, is_sure: bool) -> None:
    """Add and take away tags of a person, or of an audience; audited, and `tags undo` takes it back.

    With --audience it only counts; --yes writes.
    """
    from handlers import tags

    person, changes = ("", words) if expression else (words[0], words[1:])
    if not changes:
        raise click.UsageError("say what changes: +key=value or -key=value")
    for change in changes:
        if change[0] not in "+-" or "=" not in change:
            raise click.UsageError(f"{change}: write +key=value or -key=value")
    with open_runtime() as runtime:
        if expression:
            _tag_audience(runtime, expression, changes, by or who(), is_sure=is_sure)
        else:
            print_json(tags.change(runtime, person, changes, by=by or who()))


def _tag_audience(runtime: Runtime, expression: str, changes: tuple[str, ...], by: str, *, is_sure: bool) -> None:
    from handlers import tag_bulk, tag_people, tags
    from handlers.tag_words import read_changes, split_words

    wishes = read_changes(runtime.content.vocabulary, split_words(changes))
    with runtime.database.reading() as tx:
        origin = tags.make_origin("command", tag_people.name_actor(tx.session, by), " ".join(changes))
    report = tag_bulk.tag_audience(runtime, expression, wishes, origin, is_dry=not is_sure)
    print_json({"matched": report.matched, "tags": dict(report.tags), "batch": report.batch})
    if not is_sure:
        click.echo("nothing is written yet: --yes writes it", err=True)


@click.group("tags")
def tags_group() -> None:
    """Look at tags with their origin, decide contradictions, take changes back."""


@tags_group.command()
@click.argument("person", metavar="OPENID_OR_ID")
def show(person: str) -> None:
    """Print a person's tags, conflicts and last changes as JSON."""
    from handlers import tag_views

    with open_runtime() as runtime:
        print_json(tag_views.show(runtime, person))


@tags_group.command()
def conflicts() -> None:
    """Print what two sources say differently and nobody has decided, as JSON Lines."""
    from handlers import tag_views

    with open_runtime() as runtime:
        for conflict in tag_views.list_open_conflicts(runtime):
            print_json(conflict)


@tags_group.command()
@click.argument("conflict", type=int)
@click.option("--take/--keep", "is_taken", required=True, help="Take the other value, or keep what stands.")
@click.option("--by", default="", help=BY_HELP)
def decide(conflict: int, by: str, *, is_taken: bool) -> None:
    """Decide a contradiction."""
    from handlers import tag_conflicts, tag_people

    with open_runtime() as runtime, runtime.transaction() as tx:
        actor = tag_people.name_actor(tx.session, by or who())
        done = tag_conflicts.decide(runtime, tx, conflict, is_taken=is_taken, by=actor)
        print_json({"conflict": conflict, "outcome": done.outcome.value if done else "kept"})


@tags_group.command()
@click.argument("change", metavar="CHANGE")
@click.option("--by", default="", help=BY_HELP)
def undo(change: str, by: str) -> None:
    """Take one change back by its id, or all of an act by its batch; prints counts as JSON.

    What somebody has changed since stays as it is (`changed`).
    """
    from handlers import tag_views

    with open_runtime() as runtime:
        print_json(tag_views.take_back(runtime, change, by or who()))
