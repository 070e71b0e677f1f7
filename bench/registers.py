"""A register of 10,000 and of 100,000 owners comes in, new and once more, on SQLite and on PostgreSQL. Takes minutes.

Python and the server work in turns, so on a machine that is busy with other things the sum of their processor times says
how long an import takes, not the clock on the wall. `GUANJIA_TEST_POSTGRES_URL` names another server (its time is not seen).
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.machine import ROOT, list_family, print_table, read_cpu_seconds
from handlers.import_owners import OWNER_COLUMNS
from tests.databases import Postgres, open_postgres

SIZES, SECONDS, GROWTH_MIB = (10_000, 100_000), 60.0, 40.0
HOMES, BUILDINGS = 100, 100
SCRIPT = """
import resource, sys, time
from bot.cli import cli
started = time.perf_counter()
cli(["import", "owners", sys.argv[1]], standalone_mode=False)
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
"""


def run(folder: Path, _rounds: int) -> bool:
    """Print the table; tells whether 100,000 owners take less than a minute and memory does not grow with the file."""
    with open_postgres() as server:
        rows = [row for name in ("SQLite", "PostgreSQL") for row in _measure(name, server, folder)]
    heads = ("owners", "database", "file", "seconds of work", "of it Python", "on the wall", "peak MiB", "needed")
    print_table("Importing a register with three tags an owner", heads, [row[:-1] for row in rows])
    return all(row[-1] for row in rows)


def _measure(name: str, server: Postgres, folder: Path) -> list[tuple[Any, ...]]:
    """Import every size into a database of its own, each time in a process of its own."""
    rows: list[tuple[Any, ...]] = []
    least = 0.0
    for people in SIZES:
        path = folder / f"register-{people}.csv"
        if not path.exists():
            write_register(path, people)
        env = {**os.environ, "GUANJIA__DATA_DIR": str(folder / f"{name}-{people}")}
        if name == "PostgreSQL":
            env["GUANJIA__DATABASE__URL"] = server.create(has_schema=False)
        subprocess.run([sys.executable, "-m", "bot", "migrate"], cwd=ROOT, env=env, check=True, capture_output=True)
        for what in ("new", "again"):
            before = _read_server(server)
            wall, python, peak = _import(path, env)
            work = python + (_read_server(server) - before if name == "PostgreSQL" else 0.0)
            least = least or peak
            is_met = peak - least < GROWTH_MIB and (people < SIZES[-1] or work < SECONDS)
            needed = f"{SECONDS:.0f} s, flat" if people == SIZES[-1] else ""
            shown = (f"{people:,}", name, what, f"{work:.1f}", f"{python:.1f}", f"{wall:.1f}", f"{peak:.0f}", needed)
            rows.append((*shown, is_met))
    return rows


def _import(path: Path, env: dict[str, str]) -> tuple[float, float, float]:
    """Return seconds on the wall, seconds of Python's work, and the peak of its memory in MiB."""
    command = [sys.executable, "-c", SCRIPT, str(path)]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    wall, python, peak = (float(each) for each in done.stderr.split()[-3:])
    return wall, python, peak


def _read_server(server: Postgres) -> float:
    """Return the processor time of PostgreSQL so far, backends that have ended included (Linux; 0.0 elsewhere)."""
    found = server.door.execute("SHOW data_directory").fetchone()
    try:
        main = int(Path(str(found[0] if found else ""), "postmaster.pid").read_text(encoding="ascii").split()[0])
        fields = Path(f"/proc/{main}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return read_cpu_seconds(list_family(main)) + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def write_register(path: Path, people: int) -> None:
    """Write a register of so many owners with three tags each."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(OWNER_COLUMNS)
        for n in range(people):
            house, place = divmod(n, HOMES)
            tags = f"house.use=自住;car.count={n % 2};hobby={('太极', '书画', '阅读')[n % 3]}"
            home = (f"花园{house // BUILDINGS + 1}期", f"{house % BUILDINGS + 1}栋", "1单元", str(place + 101))
            writer.writerow([*home, f"住户{n}", f"138{n:08d}", "业主", "2020-05-01", "1980-01-01", "", tags])
