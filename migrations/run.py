"""Run migrations: bring a database to the newest schema, tell where it stands, write a new revision.

Configured here and not in an ini file, because the database's address comes from the settings alone.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from models.database import use_wal
from models.tables import METADATA

FOLDER = Path(__file__).resolve().parent
LOCK = 4_711_2026  # any number; all our processes ask for the same one
LOCK_WAIT_SECONDS = 60


def migrate(url: str) -> list[str]:
    """Bring the database to the newest schema in one transaction and return the revisions that ran, oldest first.

    Several processes may start at once: one migrates, the others wait and find nothing to do. A failure leaves the
    database as it was.
    """
    with _locked(url) as connection:
        before = _list_applied(connection)
        command.upgrade(_configure(connection), "head")
        return [revision for revision in _list_revisions() if revision not in before]


def get_head() -> str:
    """Return the newest revision; more than one head is an error of the tree."""
    head = ScriptDirectory.from_config(_configure(None)).get_current_head()
    if head is None:
        raise RuntimeError("there is no revision")
    return head


def is_current(connection: Connection) -> bool:
    """Tell whether a database has the newest schema; for readiness checks, costs one short query."""
    return MigrationContext.configure(connection).get_current_revision() == get_head()


def list_differences(url: str) -> list[Any]:
    """Return what the tables of the models and of a database do not share; empty when they are the same."""
    with _locked(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))


def write_revision(message: str, *, first: bool = False) -> Path:
    """Write the revision that leads from the newest one to the models as they are now; read it before you keep it.

    `first` writes 0001 anew from nothing: only while no version has been released.
    """
    versions = FOLDER / "versions"
    if first:
        for path in versions.glob("*.py"):
            path.unlink()
    number = f"{len(list(versions.glob('*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        if number != "0001":
            migrate(url)
        with _locked(url) as connection:
            config = _configure(connection)
            config.attributes["is_batch"] = number != "0001"
            command.revision(config, message, autogenerate=True, rev_id=f"{number}_{message.replace(' ', '_')}")
    path = _tidy(next(versions.glob(f"{number}_*.py")))
    if first:
        _add_triggers(path)
    return path


def _tidy(path: Path) -> Path:
    """Take the generator's remarks out; a revision is kept only after somebody has read it."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("    # ###")), encoding="utf-8")
    return path


def _add_triggers(path: Path) -> None:
    """Write the triggers of the tables into the first revision: Alembic does not see them (the metadata tells in `info`)."""
    made: dict[str, list[str]] = {}
    functions: list[str] = []
    for kinds, names in METADATA.info.get("triggers", ()):
        functions += names
        for dialect, statements in kinds.items():
            made.setdefault(dialect, []).extend(statements)
    text = path.read_text(encoding="utf-8")
    ups = "    for statement in TRIGGERS[op.get_bind().dialect.name]:\n        op.execute(statement)\n"
    downs = '    if op.get_bind().dialect.name == "postgresql":\n'
    downs += "".join(f'        op.execute("DROP FUNCTION {name}")\n' for name in functions)
    rows = "".join(f"    {name!r}: (\n" + "".join(f"        {each!r},\n" for each in made[name]) + "    ),\n" for name in made)
    before, after = text.split("\n\ndef downgrade", 1)
    head, body = before.split("\n\ndef upgrade", 1)
    whole = f"{head}\nTRIGGERS = {{\n{rows}}}\n\n\ndef upgrade{body.rstrip()}\n{ups}\n\ndef downgrade{after.rstrip()}\n{downs}"
    path.write_text(whole.replace("# ruff: noqa: PLR0915", "# ruff: noqa: E501, PLR0915"), encoding="utf-8")


def _configure(connection: Connection | None) -> Config:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes.update(connection=connection, is_batch=True)
    return config


def _list_revisions() -> list[str]:
    script = ScriptDirectory.from_config(_configure(None))
    return [each.revision for each in reversed(list(script.walk_revisions()))]


def _list_applied(connection: Connection) -> set[str]:
    """Return the revisions that a database already has."""
    current = MigrationContext.configure(connection).get_current_revision()
    revisions = _list_revisions()
    return set(revisions[: revisions.index(current) + 1]) if current in revisions else set()


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    """Open the one transaction that may change the schema."""
    engine = _create_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            yield connection
    finally:
        engine.dispose()


def _create_engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": LOCK_WAIT_SECONDS, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: Any) -> None:
        use_wal(connection, LOCK_WAIT_SECONDS)
        connection.execute("PRAGMA foreign_keys=OFF")  # a table that is built anew must not take its children along

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


if __name__ == "__main__":
    is_first = "--first" in sys.argv
    words = [word for word in sys.argv[1:] if word != "--first"]
    sys.stdout.write(f"{write_revision(' '.join(words) or 'first', first=is_first)}\n")
