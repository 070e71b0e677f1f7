"""A whole turn over HTTP: our bot against a stateless echo and against WeRoBot, on one core each, interleaved in one run."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.community import fill, open_database, settle
from bench.load import Job, Report
from bench.machine import ROOT, choose_cores, print_table
from bench.servers import WIRE, BenchError, Server, pin, run_ours, run_peer
from bench.talk import BOOKINGS, STEPS, TALKS

OWNERS, PEOPLE, SLOW_PEOPLE, CONNECTIONS = 2_000, 200, 48, 8
NEEDS = {"echo": (0.6, 1.0), "WeRoBot": (2.0, 3.0)}  # at least, and the goal behind it
OURS = "guanjia"


@dataclass
class Runner:
    """A server under one way of connecting and talking, and what its runs brought."""

    name: str
    server: Server
    keep_alive: bool = False
    talk: str = STEPS
    people: int = PEOPLE
    reports: list[Report] = field(default_factory=list)
    cpu_micros: list[float] = field(default_factory=list)
    bad: int = 0

    @property
    def rates(self) -> list[float]:
        """Return messages per second of every run."""
        return [report.per_second for report in self.reports]


def run(folder: Path, rounds: int) -> bool:
    """Print the tables; tells whether both ratios are reached."""
    cores = choose_cores()
    server_core, load_core = cores or (None, None)
    data_dir = folder / "turn"
    data_dir.mkdir()
    with ExitStack() as stack:
        database = stack.enter_context(open_database(data_dir))
        fill(database, OWNERS)
        runners = _start(stack, data_dir, server_core)
        for number in range(rounds + 1):
            for runner in runners:
                settle(database)
                measure(runner, load_core, is_warm=number > 0)
    _print_rates(runners, cores, rounds)
    is_met = _print_ratios(runners)
    return is_met and not any(runner.bad for runner in runners)


def _start(stack: ExitStack, folder: Path, core: int | None) -> list[Runner]:
    ours = stack.enter_context(run_ours(folder, core))
    echo = stack.enter_context(run_peer("echo", "echo", "echo", folder, core))
    sessions = {"PEER_DATABASE": str(folder / "robot.db")}
    robot = stack.enter_context(run_peer("WeRoBot", "robot", "session", folder, core, **sessions))
    sessions = {"PEER_DATABASE": str(folder / "robot-wal.db"), "PEER_WAL": "1"}
    robot_wal = stack.enter_context(run_peer("WeRoBot WAL", "robot", "session", folder, core, **sessions))
    return [
        Runner(OURS, ours, keep_alive=True),
        Runner("echo", echo),
        Runner("WeRoBot", robot, people=SLOW_PEOPLE),
        Runner("WeRoBot, session in WAL", robot_wal),
        Runner(f"{OURS}, new connections", ours),
        Runner(f"{OURS}, with bookings", ours, keep_alive=True, talk=BOOKINGS),
    ]


def measure(runner: Runner, core: int | None, *, is_warm: bool) -> None:
    """Let everybody talk once through; the first time is for warming up and does not count."""
    server = runner.server
    job = Job(server.port, server.check, runner.keep_alive, asdict(WIRE), runner.talk, OWNERS, runner.people, CONNECTIONS)
    before = server.cpu_seconds()
    report = send(job, core)
    used = server.cpu_seconds() - before
    if report.bad == report.messages:
        raise BenchError(f"{runner.name} answered everything wrongly: {'; '.join(report.faults)}")
    if report.bad:
        print(f"{runner.name} answered {report.bad} of {report.messages} wrongly: {'; '.join(report.faults)}")
    runner.bad += report.bad
    if is_warm:
        runner.reports.append(report)
        runner.cpu_micros.append(used / report.messages * 1e6)


def send(job: Job, core: int | None) -> Report:
    """Run the load generator in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        input=json.dumps(asdict(job)).encode(),
        capture_output=True,
        check=False,
        preexec_fn=pin(core),
    )
    if done.returncode:
        raise BenchError(f"the load generator failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return Report(**json.loads(done.stdout))


def _print_rates(runners: Sequence[Runner], cores: tuple[int, int] | None, rounds: int) -> None:
    place = f"server on core {cores[0]}, generator on core {cores[1]}" if cores else "NOT pinned: they share the cores"
    notes = (
        f"{place}; {CONNECTIONS} connections, {PEOPLE} of {OWNERS} residents,",
        f"{len(TALKS[STEPS])} turns each, medians of {rounds} interleaved runs after one to warm up.",
        "Every message is new, signed and encrypted; every answer was opened, verified and compared; one wrong answer fails.",
        f"{OURS}: `python -m bot web` as delivered, its Redis on the same core; each turn is a step of a menu or a booking,",
        "up to the review; with bookings, two turns in fourteen also write an order, its task and a message to the butler.",
        "Peers: gunicorn, one sync worker, which closes the connection after every answer (it offers no keep-alive).",
        f"WeRoBot is at its defaults, {SLOW_PEOPLE} residents for time; the row with WAL has it forced on by us,",
        "the mode that our own database uses.",
    )
    heads = ("server", "connections", "messages/s", "min..max", "median ms", "p99 ms", "server CPU us", "wrong")
    print_table("A whole turn over HTTP, safe mode", heads, [_row(runner) for runner in runners], notes)


def _row(runner: Runner) -> tuple[str, ...]:
    reports = runner.reports
    return (
        runner.name,
        "kept" if reports[0].connects <= CONNECTIONS else "one each",
        f"{statistics.median(runner.rates):.0f}",
        f"{min(runner.rates):.0f}..{max(runner.rates):.0f}",
        f"{statistics.median(report.median_ms for report in reports):.2f}",
        f"{statistics.median(report.p99_ms for report in reports):.2f}",
        f"{statistics.median(runner.cpu_micros):.0f}",
        str(runner.bad),
    )


def _print_ratios(runners: Sequence[Runner]) -> bool:
    """Print every row of ours over every peer; the first of ours, as delivered, is the one that is judged."""
    ours = [runner for runner in runners if runner.name.startswith(OURS)]
    peers = [runner for runner in runners if runner not in ours]
    rows, is_met = [], True
    for mine in ours:
        for peer in peers:
            ratios = [rate / other for rate, other in zip(mine.rates, peer.rates, strict=True)]
            middle = statistics.median(ratios)
            limits = NEEDS.get(peer.name) if mine is ours[0] else None
            is_met = is_met and (limits is None or middle >= limits[0])
            judged = (f"{limits[0]} ({limits[1]})", _judge(middle, *limits)) if limits else ("", "")
            spread = f"{min(ratios):.2f}..{max(ratios):.2f}"
            rows.append((f"{mine.name} / {peer.name}", f"{middle:.2f}", spread, _compare_cpu(mine, peer), *judged))
    heads = ("pair", "median", "min..max", "by CPU", "needed (goal)", "")
    notes = ("by CPU: messages per processor second, which a machine busy with other work disturbs less.",)
    print_table("Ratios of messages per second, pair by pair", heads, rows, notes)
    return is_met


def _compare_cpu(mine: Runner, peer: Runner) -> str:
    if not all(mine.cpu_micros):
        return "-"
    return f"{statistics.median(theirs / us for us, theirs in zip(mine.cpu_micros, peer.cpu_micros, strict=True)):.2f}"


def _judge(ratio: float, need: float, goal: float) -> str:
    if ratio < need:
        return "missed"
    return "goal met" if ratio >= goal else "met"
