"""Commands about the tags and remarks that stand on the account: bring everything there now, look, decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.commands.opening import open_runtime, print_json, who

if TYPE_CHECKING:
    from handlers.runtime import Runtime

MOST_ROUNDS = 100_000


@click.group("account")
def account_group() -> None:
    """Tags and remarks on the Official Account: compare, show what differs, decide."""


@account_group.command()
def sync() -> None:
    """List all followers, compare them with the register and bring the account up to date; prints where it stands, as JSON.

    What a quota or an outage keeps waiting stays in the queue; the worker goes on with it.
    """
    from handlers import mirror, mirror_followers

    with open_runtime() as runtime:
        mirror_followers.begin(runtime)
        for _ in range(MOST_ROUNDS):
            if not mirror.work(runtime):
                break
        print_json(_tell(runtime))


@account_group.command()
def show() -> None:
    """Print the account's tags, how many followers stand where, what waits for which quota, and the last listing, as JSON."""
    with open_runtime() as runtime:
        print_json(_tell(runtime))


def _tell(runtime: Runtime) -> dict[str, Any]:
    from models.mirror import count_states, find_newest_run, list_pauses, list_tags_of_account

    names = ("key", "value", "name", "platform_id", "known_name", "status", "reason", "people")
    with runtime.database.reading() as tx:
        run = find_newest_run(tx.session)
        pauses = list_pauses(tx.session, runtime.now()).values()
        return {
            "tags": [{name: getattr(tag, name) for name in names} for tag in list_tags_of_account(tx.session)],
            "followers": count_states(tx.session),
            "paused": [{"calls": each.api, "reason": each.reason, "code": each.code, "until": each.until} for each in pauses],
            "listed": {"at": run.started_at, "done_at": run.done_at, "followers": run.listed, "reason": run.reason}
            if run
            else None,
        }


@account_group.command()
def differences() -> None:
    """Print what somebody changed on the platform and nobody has decided, then followers that are held, as JSON Lines."""
    from models.listings import Cursor, Scope
    from models.mirror_views import list_differences, list_held

    with open_runtime() as runtime, runtime.database.reading() as tx:
        cursor: Cursor | None = Cursor()
        while cursor is not None:
            page = list_differences(tx.session, Scope(), cursor)
            for each in page.rows:
                tag = f"{each.tag.key}={each.tag.value}" if each.tag else None
                change = {name: getattr(each.change, name) for name in ("id", "what", "openid", "ours", "theirs", "at")}
                print_json({**change, "tag": tag, "owner_id": each.owner_id, "room": each.room})
            cursor = Cursor(before=page.older) if page.older else None
        for held in list_held(tx.session, Scope()):
            print_json({"held": held.state.openid, "reason": held.state.reason, "owner_id": held.owner_id, "room": held.room})


@account_group.command()
@click.argument("changes", nargs=-1, required=True, type=int, metavar="CHANGE ...")
@click.option("--take/--restore", "is_taken", required=True, help="Take over what the platform has, or put ours back.")
@click.option("--by", default="", help="Who does it.")
def decide(changes: tuple[int, ...], by: str, *, is_taken: bool) -> None:
    """Decide foreign changes by their ids; what cannot be taken over says why, and exit code 1."""
    from handlers import mirror_changes

    decision = mirror_changes.Decision.TAKE if is_taken else mirror_changes.Decision.RESTORE
    with open_runtime() as runtime:
        told = {change: mirror_changes.decide(runtime, change, decision, by or who()) for change in changes}
    for change, reason in told.items():
        print_json({"change": change, "decision": None if reason else decision.value, "reason": reason or None})
    if any(told.values()):
        raise SystemExit(1)


@account_group.command()
@click.argument("openids", nargs=-1, required=True, metavar="OPENID ...")
@click.option("--let-be", "is_left", is_flag=True, help="Leave them as they are until something of theirs changes.")
@click.option("--by", default="", help="Who does it.")
def retry(openids: tuple[str, ...], by: str, *, is_left: bool) -> None:
    """Try once more what is held for followers, or let it be."""
    from handlers import mirror_changes

    with open_runtime() as runtime:
        for openid in openids:
            (mirror_changes.let_be if is_left else mirror_changes.try_again)(runtime, openid, by or who())
