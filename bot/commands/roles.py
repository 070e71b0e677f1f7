"""Commands that run a role of the system, or all of them, and the one that brings the database up to date."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from bot.commands.opening import read_settings, use_redis
from bot.lifetime import leave

if TYPE_CHECKING:
    from bot.redis_server import RedisServer
    from bot.settings import Settings
    from dialogs.intents.lexicon import Lexicon
    from handlers.content import Content


@click.command()
@click.pass_obj
def run(play: Callable[[str], None]) -> None:
    """Run everything: Redis, migrations, web, worker and scheduler; with the demo community in sandbox mode."""
    from bot.content import review_content
    from bot.memory import keep_all
    from bot.redis_server import ensure_redis
    from bot.supervisor import Supervisor, check_start

    settings = read_settings("run")
    problems, loaded = review_content()
    check_start(settings, lambda: problems)
    stopping = _stop_on_sigterm()
    redis = None
    supervisor = None
    try:
        redis = ensure_redis(settings)
        _share(loaded)
        _prepare(use_redis(settings, redis.url))
        keep_all()  # the roles share it as long as no collector walks over it
        environ = {"GUANJIA__REDIS__URL": redis.url}
        supervisor = Supervisor(settings, environ, click.echo, play, redis=redis, should_stop=stopping)
        supervisor.run()
    except KeyboardInterrupt:
        click.echo("stopped before everything had started", err=True)
    finally:
        server = supervisor.redis if supervisor else redis
        if server:
            server.stop()
    leave()


def _share(loaded: tuple[Content, Lexicon] | None) -> None:
    """Have the roles find everything read that they would each read for themselves: content, segmenter and code."""
    from bot.runtime import share_loaded

    for module in ("bot.app", "bot.worker", "scheduler"):
        import_module(module)
    if loaded is not None:
        share_loaded(*loaded)


def _stop_on_sigterm() -> threading.Event:
    """Make SIGTERM end the start at once, and set the event for a start that loses the exception in a callback."""
    stopping = threading.Event()

    def interrupt(_number: int, _frame: object) -> NoReturn:
        stopping.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    return stopping


def _prepare(settings: Settings) -> None:
    """Bring the database up to date and, the first time in a sandbox, load the demo community."""
    from migrations.run import migrate as bring_up

    bring_up(settings.database.url)
    _seal(settings)
    marker = settings.data_dir / "demo-loaded"
    if not settings.is_sandbox or marker.exists():
        return
    from bot.demo import load_demo
    from bot.runtime import build_wiring

    wiring = build_wiring(settings)
    try:
        load_demo(wiring.runtime)
    finally:
        wiring.close()
    marker.write_text("The demo community was loaded once; what became of it since is kept.\n", encoding="utf-8")


def _seal(settings: Settings) -> int:
    """Seal what an earlier version or key left in the rows (D06); a missing key is one clear line."""
    from bot.runtime import seal_rows

    try:
        return seal_rows(settings)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@click.command()
def web() -> None:
    """Run the web role: webhook, staff pages and, in sandbox mode, the local WeChat."""
    from bot.supervisor import StartError, check_port
    from bot.web import serve

    settings = read_settings("web")
    problems = check_port(settings)
    if problems:
        raise StartError(*problems)
    redis = _give_redis(settings)
    try:
        serve(settings)
    finally:
        redis.stop()


@click.command()
def worker() -> None:
    """Run the worker role: sends what must leave, fetches pictures, does the slow things."""
    from bot import worker as role

    settings = read_settings("worker")
    redis = _give_redis(settings)
    try:
        role.run(use_redis(settings, redis.url))
    finally:
        redis.stop()
    leave()


@click.command()
def scheduler() -> None:
    """Run the scheduler role: one clock, any number of them fire everything once."""
    import scheduler as role

    settings = read_settings("scheduler")
    redis = _give_redis(settings)
    try:
        role.main(use_redis(settings, redis.url))
    finally:
        redis.stop()
    leave()


def _give_redis(settings: Settings) -> RedisServer:
    """Find or start Redis and name it to the processes that this one starts."""
    from bot.redis_server import ensure_redis

    redis = ensure_redis(settings)
    os.environ["GUANJIA__REDIS__URL"] = redis.url
    return redis


@click.command()
def migrate() -> None:
    """Bring the database to the current schema, and what is sensitive under the current key; a second run does nothing."""
    from migrations.run import migrate as bring_up

    settings = read_settings()
    ran = bring_up(settings.database.url)
    for revision in ran:
        click.echo(revision)
    if sealed := _seal(settings):
        click.echo(f"sealed {sealed} rows", err=True)
    click.echo("the database is up to date", err=True)
