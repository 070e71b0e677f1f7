"""What keeps the audit append-only inside the database: refuses every change and removal but the sealing of a new row.

The texts stand in the metadata's `info` too, where the first migration takes them from. They must be plain statements:
no percent signs and no colons before words, which other layers would read as parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import DDL, Table, event

COLUMNS = ("id", "at", "by", "action", "subject", "detail")
REFUSAL = "the audit is append-only"

_SEALS_LITE = " AND ".join(
    ["OLD.hash IS NULL", "NEW.hash IS NOT NULL", "NEW.place IS NOT NULL", "NEW.prev_hash IS NOT NULL"]
    + [f'NEW."{name}" IS OLD."{name}"' for name in COLUMNS]
)
_SEALS = " AND ".join(
    ["OLD.hash IS NULL", "NEW.hash IS NOT NULL", "NEW.place IS NOT NULL", "NEW.prev_hash IS NOT NULL"]
    + [f'NEW."{name}" IS NOT DISTINCT FROM OLD."{name}"' for name in COLUMNS]
)


def _lite(name: str, when: str, condition: str = "") -> str:
    guard = f" WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER {name} BEFORE {when}{guard} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"


def _function(name: str, body: str) -> str:
    refuse = f"RAISE EXCEPTION '{REFUSAL}';"
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} {refuse} END $$"


def _trigger(name: str, when: str, table: str, function: str, each: str = "ROW") -> str:
    return f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"


# table -> dialect -> statements. On SQLite, INSERT OR REPLACE takes a row away without asking the trigger of DELETE.
TRIGGERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "audit": {
        "sqlite": (
            _lite("audit_update", "UPDATE ON audit", f"NOT ({_SEALS_LITE})"),
            _lite("audit_delete", "DELETE ON audit"),
            _lite(
                "audit_insert",
                "INSERT ON audit",
                "NEW.hash IS NOT NULL OR NEW.place IS NOT NULL OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)",
            ),
        ),
        "postgresql": (
            _function(
                "audit_guard",
                "IF TG_OP = 'INSERT' THEN IF NEW.hash IS NULL AND NEW.place IS NULL THEN RETURN NEW; END IF; "
                f"ELSIF TG_OP = 'UPDATE' THEN IF {_SEALS} THEN RETURN NEW; END IF; END IF;",
            ),
            _trigger("audit_change", "INSERT OR UPDATE OR DELETE", "audit", "audit_guard"),
            _trigger("audit_truncate", "TRUNCATE", "audit", "audit_guard", "STATEMENT"),
        ),
    },
    "audit_chain": {
        "sqlite": (
            _lite("audit_chain_update", "UPDATE ON audit_chain", "NOT (NEW.id IS OLD.id AND NEW.place > OLD.place)"),
            _lite("audit_chain_delete", "DELETE ON audit_chain"),
            _lite("audit_chain_insert", "INSERT ON audit_chain", "NEW.id <> 1 OR NEW.place <> 0"),
        ),
        "postgresql": (
            _function(
                "audit_chain_guard",
                "IF TG_OP = 'INSERT' THEN IF NEW.id = 1 AND NEW.place = 0 THEN RETURN NEW; END IF; "
                "ELSIF TG_OP = 'UPDATE' THEN IF NEW.id = OLD.id AND NEW.place > OLD.place THEN RETURN NEW; END IF; END IF;",
            ),
            _trigger("audit_chain_change", "INSERT OR UPDATE OR DELETE", "audit_chain", "audit_chain_guard"),
            _trigger("audit_chain_truncate", "TRUNCATE", "audit_chain", "audit_chain_guard", "STATEMENT"),
        ),
    },
}
FUNCTIONS = {"audit": ("audit_guard",), "audit_chain": ("audit_chain_guard",)}  # they stay when a table of PostgreSQL goes


def attach(table: Table, statements: Mapping[str, tuple[str, ...]]) -> None:
    """Run the statements of a database's kind whenever the table is made, and leave them for the first migration."""
    table.metadata.info.setdefault("triggers", []).append((statements, FUNCTIONS[table.name]))
    for dialect, texts in statements.items():
        for text in texts:
            event.listen(table, "after_create", _ddl(text, dialect))


def _ddl(text: str, dialect: str) -> Any:
    return DDL(text).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
