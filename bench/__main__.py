"""`python -m bench [NAME ...] [--rounds N]`: run the benchmarks, all of them when none is named."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import effort, owners, parts, registers, scale, scripts, startup, turn, understanding
from bench.machine import ROOT, describe_machine
from bench.servers import BenchError

BENCHES: dict[str, Callable[[Path, int], bool]] = {
    "turn": turn.run,
    "startup": startup.run,
    "scale": scale.run,
    "parts": parts.run,
    "understanding": understanding.run,
    "effort": effort.run,
    "scripts": scripts.run,
    "owners": owners.run,
    "registers": registers.run,
}
LONG = ("owners", "registers")  # take minutes: run only when they are named


def main() -> int:
    """Run what is asked for; exit code 1 when a benchmark could not run or a requirement is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which ones: {', '.join(BENCHES)} (default: all but the long ones)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing is measured (default: 5)")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"there is no benchmark called {', '.join(sorted(unknown))}")
    print(describe_machine())
    home = ROOT / "data"  # on the disk that the product uses: a temporary folder may be in memory
    home.mkdir(exist_ok=True)
    is_met = True
    with tempfile.TemporaryDirectory(prefix="bench-", dir=home) as folder:
        for name in given.names or [each for each in BENCHES if each not in LONG]:
            try:
                is_met = BENCHES[name](Path(folder), given.rounds) and is_met
            except BenchError as error:
                print(f"\n{name}: {error}", file=sys.stderr)
                is_met = False
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
