"""What a turn costs with 100,000 owners in the database, against one with 1,000: SQLite, in one process, interleaved."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.community import settle
from bench.machine import print_table
from bench.product import open_community, open_product, put_over, talk
from bench.talk import BOOK, BOOKINGS, TALKS, choose_people, plan
from handlers.runtime import Runtime

SIZES, PEOPLE, MOST = (1_000, 100_000), 100, 1.2
TURNS = TALKS[BOOKINGS]


def run(folder: Path, rounds: int) -> bool:
    """Print the table; tells whether the large community costs at most 1.2 times the small one."""
    with ExitStack() as stack:
        runtime = stack.enter_context(open_product(folder / "product")).runtime
        databases = [stack.enter_context(open_community(folder, size)) for size in SIZES]
        found: list[list[list[float]]] = [[], []]
        runtimes = [put_over(runtime, database) for database in databases]
        for number in range(rounds + 1):
            for database in databases:
                settle(database)
            micros = measure(runtimes)
            if number:
                for kept, new in zip(found, micros, strict=True):
                    kept.append(new)
    return _print(found)


def measure(runtimes: Sequence[Runtime]) -> list[list[float]]:
    """Return the mean microseconds of every turn for each runtime; message by message they take turns."""
    talks = [list(plan(choose_people(owners, PEOPLE), BOOKINGS)) for owners in SIZES]
    spent = [[0.0] * len(TURNS) for _ in runtimes]
    gc.collect()
    for place in range(len(talks[0])):
        for which in (0, 1) if place % 2 else (1, 0):
            openid, turn = talks[which][place]
            started = time.perf_counter()
            talk(runtimes[which], openid, turn)
            spent[which][place // PEOPLE] += time.perf_counter() - started
    return [[seconds / PEOPLE * 1e6 for seconds in turns] for turns in spent]


def _print(found: Sequence[Sequence[Sequence[float]]]) -> bool:
    is_booking = [turn is BOOK for turn in TURNS]
    rows, overall = [], 0.0
    for name, chosen in (
        ("every turn", [True] * len(TURNS)),
        ("turns that ask on", [not each for each in is_booking]),
        ("turns that book", is_booking),
    ):
        small, large = ([_mean(run, chosen) for run in runs] for runs in found)
        ratios = [more / less for less, more in zip(small, large, strict=True)]
        overall = overall or statistics.median(ratios)
        rows.append(
            (
                name,
                f"{statistics.median(small):.0f}",
                f"{statistics.median(large):.0f}",
                f"{statistics.median(ratios):.2f}",
                f"{min(ratios):.2f}..{max(ratios):.2f}",
            )
        )
    heads = ("microseconds a turn", *(f"{size:,} owners" for size in SIZES), "ratio", "min..max")
    verdict = "met" if overall <= MOST else "missed"
    notes = (
        f"handlers.inbound.handle on SQLite, one thread, committed; {PEOPLE} people, {len(TURNS)} turns each, interleaved.",
        f"Needed for every turn: a ratio of at most {MOST}: {verdict}.",
    )
    print_table("A turn in a small and in a large community", heads, rows, notes)
    return overall <= MOST


def _mean(micros: Sequence[float], chosen: Sequence[bool]) -> float:
    return statistics.fmean(each for each, is_chosen in zip(micros, chosen, strict=True) if is_chosen)
