"""Commands about people of the register: likely doubles, merging two into one, moving out; a colleague's code; reports."""

from __future__ import annotations

from datetime import datetime

import click

from bot.commands.opening import open_runtime, print_json, who

BY_HELP = "Who did it, for the audit; without it whoever works at this machine."


@click.group("owners")
def owners_group() -> None:
    """Find likely doubles, merge two rows of one person, end a home."""


@owners_group.command()
def doubles() -> None:
    """List likely doubles, surest first, as JSON Lines: same phone, same room and name, one follower who was both."""
    from handlers.doubles import list_doubles

    with open_runtime() as runtime:
        for each in list_doubles(runtime):
            print_json({"keep": each.keep, "drop": each.drop, "names": each.names, "reasons": each.reasons})


@owners_group.command()
@click.argument("keep", type=int)
@click.argument("drop", type=int)
@click.option("--by", help=BY_HELP)
def merge(keep: int, drop: int, by: str | None) -> None:
    """Merge the owner with id DROP into KEEP: homes, tags, orders, followers, history.

    Tags that contradict each other stay as KEEP has them and are left as conflicts for staff. It cannot be undone.
    """
    from handlers.merging import merge_owners

    with open_runtime() as runtime:
        report = merge_owners(runtime, keep, drop, by or who())
    conflicts = [{"key": key, "kept": kept, "other": other} for key, kept, other in report.conflicts]
    print_json({"keep": report.keep, "merged": report.drop, "moved": report.moved, "conflicts": conflicts})


@owners_group.command("move-out")
@click.argument("owner", type=int)
@click.argument("room", default="")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day, today or earlier; today without it.")
@click.option("--by", help=BY_HELP)
def move_out(owner: int, room: str, on: datetime | None, by: str | None) -> None:
    """End a home: the owner with id OWNER does not live in ROOM (1栋-2单元-301) any more."""
    from handlers.register_moves import end_home

    with open_runtime() as runtime:
        home = end_home(runtime, owner, room, on.date() if on else None, by or who())
    print_json({"owner": owner, "room": home.room.label, "ended_on": home.ended_on})


@click.group("staff")
def staff_group() -> None:
    """What concerns colleagues."""


@staff_group.command()
@click.argument("name")
@click.option("--by", help=BY_HELP)
def code(name: str, by: str | None) -> None:
    """Print a one-time code for the colleague NAME (or phone, or id).

    Within 24 hours he writes 员工 123456 to the account, and his openid is known. A newer code ends an older one.
    """
    from handlers.staff_codes import issue_code

    with open_runtime() as runtime:
        issued = issue_code(runtime, name, by or who())
        until = runtime.local(issued.expires_at).isoformat(timespec="minutes")
    print_json({"staff_id": issued.staff_id, "name": issued.name, "code": issued.code, "until": until})
    click.echo(f"tell {issued.name} to write to the account: 员工 {issued.code}", err=True)


@click.group("report")
def report_group() -> None:
    """Count what is in the register."""


@report_group.command()
def phones() -> None:
    """Count phone numbers by state, a line a building, the last line everybody; as JSON Lines."""
    from handlers.register_reports import count_phones

    with open_runtime() as runtime:
        for row in count_phones(runtime):
            print_json(row)
