"""How soon `python -m bot web` is ready, and how much memory it holds: first start with its Redis, and after work."""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.community import fill, open_database
from bench.load import Job
from bench.machine import list_family, print_table, read_memory
from bench.servers import WIRE, BenchError, Server, run_ours
from bench.turn import send

MOST_SECONDS, MOST_MIB, OWNERS, PEOPLE = 3.0, 200.0, 2_000, 40


@dataclass(frozen=True)
class Start:
    """One start: seconds until /readyz said so; MiB resident of all web processes, then and after some hundred turns."""

    seconds: float
    fresh_mib: float
    used_mib: float
    used_pss_mib: float
    redis_mib: float


def run(folder: Path, rounds: int) -> bool:
    """Print the table; tells whether both limits are kept in the median."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchError("memory is read from /proc, which this system does not have")
    starts = [_start(folder / f"start-{number}") for number in range(rounds)]
    seconds, mib = statistics.median(each.seconds for each in starts), statistics.median(each.used_mib for each in starts)
    rows = [
        _row("seconds until /readyz says ready", [each.seconds for each in starts], f"< {MOST_SECONDS:g}", "{:.2f}"),
        _row("MiB resident when ready", [each.fresh_mib for each in starts], "", "{:.0f}"),
        _row("MiB resident after 520 turns", [each.used_mib for each in starts], f"< {MOST_MIB:g}", "{:.0f}"),
        _row("  shared pages counted once", [each.used_pss_mib for each in starts], "", "{:.0f}"),
        _row("its Redis, MiB resident", [each.redis_mib for each in starts], "", "{:.0f}"),
    ]
    is_met = seconds < MOST_SECONDS and mib < MOST_MIB
    notes = (
        "From the command's start, its own Redis included, not pinned; all of the web role's processes added up.",
        f"Both limits: {'met' if is_met else 'missed'}.",
    )
    print_table("Start and memory of `python -m bot web`", ("", "median", "min..max", "needed"), rows, notes)
    return is_met


def _start(folder: Path) -> Start:
    folder.mkdir()
    with open_database(folder) as database:
        fill(database, OWNERS)
    started = time.monotonic()
    with run_ours(folder, None) as server:
        seconds = time.monotonic() - started
        fresh = _sum(server)
        job = Job(server.port, server.check, keep_alive=True, wire=asdict(WIRE), owners=OWNERS, people=PEOPLE)
        report = send(job, None)
        if report.bad:
            raise BenchError(f"{report.bad} turns were answered wrongly: {'; '.join(report.faults)}")
        used = _sum(server)
    return Start(seconds, fresh["web"][0], used["web"][0], used["web"][1], used["redis"][0])


def _sum(server: Server) -> dict[str, tuple[float, float]]:
    """Return MiB (resident, proportional) of the web processes and of the Redis that they started."""
    found = {"web": [0.0, 0.0], "redis": [0.0, 0.0]}
    for pid in list_family(server.process.pid):
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
        part = found["redis" if "redis" in name or "valkey" in name else "web"]
        for place, size in enumerate(read_memory(pid)):
            part[place] += size
    return {name: (sizes[0], sizes[1]) for name, sizes in found.items()}


def _row(name: str, values: list[float], needed: str, form: str) -> tuple[str, str, str, str]:
    middle, least, most = statistics.median(values), min(values), max(values)
    return name, form.format(middle), f"{form.format(least)}..{form.format(most)}", needed
