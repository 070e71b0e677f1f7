"""The machine a benchmark ran on, and tables in plain text. Reads /proc where there is one."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from unicodedata import east_asian_width

ROOT = Path(__file__).resolve().parent.parent


def choose_cores() -> tuple[int, int] | None:
    """Return (server's core, generator's core); None where they cannot be had."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else None


def describe_machine() -> str:
    """Return one line of facts: processor, cores, load, versions."""
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, {load}, {system}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def list_family(pid: int) -> list[int]:
    """Return a process and all its descendants (Linux)."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="ascii").split():
            found.extend(list_family(int(child)))
    return found


def read_cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that processes have used, user and system (Linux; 0.0 elsewhere)."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def read_memory(pid: int) -> tuple[float, float]:
    """Return (resident MiB, proportional MiB) of a process: the second counts shared pages by their share (Linux)."""
    sizes = {"Rss": 0, "Pss": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        if name in sizes:
            sizes[name] = int(rest.split()[0])
    return sizes["Rss"] / 1024, sizes["Pss"] / 1024


def print_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], notes: Sequence[str] = ()) -> None:
    """Print a table: first column to the left, the others to the right."""
    table = [tuple(heads), *(tuple(str(cell) for cell in row) for row in rows)]
    widths = [max(_width(row[column]) for row in table) for column in range(len(heads))]
    print(f"\n{title}")
    for index, row in enumerate(table):
        cells = [_pad(cell, width, is_left=not column) for column, (cell, width) in enumerate(zip(row, widths, strict=True))]
        print("  " + "  ".join(cells).rstrip())
        if not index:
            print("  " + "  ".join("-" * width for width in widths))
    for note in notes:
        print(f"  {note}")
    sys.stdout.flush()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _pad(text: str, width: int, *, is_left: bool) -> str:
    blanks = " " * (width - _width(text))
    return text + blanks if is_left else blanks + text
