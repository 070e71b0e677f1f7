"""What a turn of a survey costs among very many owners, against the same turn among a thousand: interleaved, in one process."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from collections.abc import Sequence

from handlers.inbound import handle
from handlers.ports import Inbound
from handlers.runtime import Runtime

FEW = 1_000
ASKED = 20  # owners in one round; nobody is asked twice
TURNS = ("年度回访", "同意", "是这样", "是这样", "5", "对", "同意", "对")  # the survey of the year, up to what is known of her
_NUMBERS = itertools.count(1)


def measure_turns(runtimes: Sequence[Runtime], rounds: int) -> tuple[float, float]:
    """Return the milliseconds of a turn in each runtime: the median over the rounds, after one to warm up."""
    found: list[list[float]] = [[], []]
    for number in range(rounds + 1):
        first = 2 + number * ASKED * 2
        openids = [f"o{owner_id}" for owner_id in range(first, first + ASKED * 2, 2)]  # every second owner follows
        spent = _talk(runtimes, openids)
        for kept, seconds in zip(found, spent, strict=True):
            if number:
                kept.append(seconds * 1_000 / len(openids) / len(TURNS))
    small, large = (statistics.median(each) for each in found)
    return small, large


def _talk(runtimes: Sequence[Runtime], openids: Sequence[str]) -> list[float]:
    """Let everybody take the turns, in both runtimes by turns; returns the seconds each runtime took."""
    spent = [0.0, 0.0]
    gc.collect()
    for said in TURNS:
        for place, openid in enumerate(openids):
            for which in (0, 1) if place % 2 else (1, 0):
                runtime = runtimes[which]
                inbound = Inbound(key=f"survey-{next(_NUMBERS)}", openid=openid, kind="text", sent_at=runtime.now(), text=said)
                started = time.perf_counter()
                answer = handle(runtime, inbound)
                spent[which] += time.perf_counter() - started
                if not answer.text:
                    raise ValueError(f"{said} was not answered")
    return spent
