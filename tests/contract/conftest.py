"""One migrated installation with a community, and one running bot, for all cases of a test process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.contract.program import HEADER, STAFF, Program, official, owner_rows
from tests.contract.tencent import Tencent, open_tencent
from tests.contract.wire import Phone

_newcomers = count(1)


@pytest.fixture(scope="session")
def tencent() -> Iterator[Tencent]:
    """Give the other side of the wire."""
    platform, server = open_tencent()
    yield platform
    server.shutdown()
    server.server_close()
    assert not [c.words for c in platform.calls if "零物业费" in c.words]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, tencent: Tencent) -> Program:
    """Give an installation with owners and staff; copy it, do not change it."""
    folder = tmp_path_factory.mktemp("template")
    program = Program(folder / "data", official(tencent.url))
    program.run("migrate")
    (folder / "owners.csv").write_text("\n".join([HEADER, *owner_rows()]) + "\n", "utf-8")
    (folder / "staff.csv").write_text(STAFF, "utf-8")
    program.run("import", "owners", str(folder / "owners.csv"))
    program.run("import", "staff", str(folder / "staff.csv"))
    return program


@pytest.fixture
def program(template: Program, tmp_path: Path) -> Program:
    """Give an installation of its own, nothing running."""
    return template.copy(tmp_path / "data")


@dataclass
class Town:
    """A running bot with its people."""

    program: Program
    tencent: Tencent
    base: str

    def phone(self, openid: str = "") -> Phone:
        """Give a person's phone; a stranger's without a name."""
        return Phone(self.base, openid or f"stranger{next(_newcomers):04}")


@pytest.fixture(scope="session")
def town(template: Program, tencent: Tencent, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Run the whole bot once; cases keep apart by using different people."""
    program = template.copy(tmp_path_factory.mktemp("town") / "data")
    with program.serving("run") as base:
        yield Town(program, tencent, base)
