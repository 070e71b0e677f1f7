"""Trapdoors between the steps of a turn, for the roles of a fork server. They die or wait; they change nothing else.

A trap is a file in the folder that `FAULTS_FOLDER` names: `kill.STEP.OPENID` is used up by the one process it ends,
`hold.STEP.OPENID` keeps everybody at that step while it lies there.
"""

from __future__ import annotations

import functools
import itertools
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bot.runtime
import bot.webhook
import scheduler
from bot.wechat.sender import WeChatSender
from handlers import inbound, timers
from handlers.runtime import Options

STEPS = ("after-lock", "after-effects", "before-commit", "after-commit")
CALLS_BEFORE_DEATH = "FAULTS_CALLS_BEFORE_DEATH"  # the worker dies at this call to the platform ...
DIES_BEFORE_ANSWER = "FAULTS_DIES_BEFORE_ANSWER"  # ... "1": before it left, else after its answer
LEASE_SECONDS, BATCH_SIZE, TICK_SECONDS = "FAULTS_LEASE_SECONDS", "FAULTS_BATCH_SIZE", "FAULTS_TICK_SECONDS"


def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def step_on(step: str, openid: str) -> None:
    """Die or wait when there is a trap for this step of this person."""
    folder = os.environ.get("FAULTS_FOLDER")
    if not folder:
        return
    try:
        (Path(folder) / f"kill.{step}.{openid}").unlink()
    except FileNotFoundError:
        pass
    else:
        die()
    hold = Path(folder) / f"hold.{step}.{openid}"
    while hold.exists():
        (Path(folder) / f"held.{step}.{openid}").touch()
        time.sleep(0.01)


def _then(step: str, function: Callable[..., Any], find_openid: Callable[..., str]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **named: Any) -> Any:
        result = function(*args, **named)
        step_on(step, find_openid(*args))
        return result

    return run


def install() -> None:
    """Put the trapdoors between the steps of a turn and around each call of the sender."""
    inbound.open_desk = _then("after-lock", inbound.open_desk, lambda _runtime, _tx, openid, *_: openid)
    inbound.compose = _then("after-effects", inbound.compose, lambda desk, *_: desk.openid)
    inbound._save = _then("before-commit", inbound._save, lambda desk, *_: desk.openid)
    timers.save_conversation = _then("before-timer", timers.save_conversation, lambda desk: desk.openid)
    for door in (bot.webhook, scheduler):
        door.handle = _then("after-commit", inbound.handle, lambda _runtime, message: message.openid)  # type: ignore[attr-defined]
    _count_calls()
    bot.runtime.read_options = _shorten(bot.runtime.read_options)


def _count_calls() -> None:
    original, calls = WeChatSender._once, itertools.count(1)

    async def once(self: Any, *args: Any) -> Any:
        is_last = next(calls) == int(os.environ.get(CALLS_BEFORE_DEATH, "0"))
        if is_last and os.environ.get(DIES_BEFORE_ANSWER):
            die()
        answer = await original(self, *args)
        if is_last:
            die()
        return answer

    WeChatSender._once = once  # type: ignore[method-assign]


def _shorten(read_options: Callable[..., Options]) -> Callable[..., Options]:
    """Let leases, batches and ticks be as short as a test's patience."""

    def read(settings: Any) -> Options:
        options, given = read_options(settings), os.environ
        lease = int(given.get(LEASE_SECONDS, options.lease_seconds))
        if TICK_SECONDS in given:
            scheduler.TICKS = dict.fromkeys(scheduler.TICKS, float(given[TICK_SECONDS]))  # type: ignore[arg-type]
        return replace(options, lease_seconds=lease, batch_size=int(given.get(BATCH_SIZE, options.batch_size)))

    return read
