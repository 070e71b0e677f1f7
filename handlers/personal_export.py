"""Makes the copies that people asked for: everything that knows them, as JSON and as a page one can read (D13)."""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from handlers import notices
from handlers.exports import render
from handlers.runtime import Runtime
from models.database import Transaction
from models.personal import Holding, Person, find_person, list_holdings
from models.places import Building, Community, Room, Unit
from models.rights import ExportStatus, PersonalExport, list_planned_exports
from models.tags import Tag

FOLDER = "exports"
LINK_LIVES = timedelta(hours=24)
BATCH = 5
MOST_ROWS = 20_000  # of one kind
_PAGE = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
    '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title><style>'
    "body{{font:16px/1.6 sans-serif;margin:1rem auto;max-width:60rem;padding:0 1rem}}h2{{margin-top:2rem}}"
    "table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;vertical-align:top;border-bottom:1px solid #ccc;"
    "padding:.3rem;overflow-wrap:anywhere}}</style></head><body><h1>{title}</h1><p>{intro}</p>{parts}</body></html>"
)


def build_due(runtime: Runtime) -> int:
    """Make the copies that were asked for and tell their people; returns how many."""
    if runtime.links is None:
        return 0
    with runtime.database.reading() as tx:
        wanted = [(row.id, row.openid) for row in list_planned_exports(tx.session, BATCH)]
    return sum(_build(runtime, export_id, openid) for export_id, openid in wanted)


def _build(runtime: Runtime, export_id: int, openid: str) -> int:
    """Write both files, then say so in one transaction; files of a try that lost are taken away again."""
    with runtime.database.reading() as tx:
        data = collect(runtime, tx, find_person(tx.session, openid))
    name, now = secrets.token_urlsafe(24), runtime.now()
    _write(runtime, name, data)
    with runtime.transaction() as tx:
        statement = select(PersonalExport).where(PersonalExport.id == export_id)
        row = tx.session.scalar(statement if tx.is_sqlite else statement.with_for_update())
        is_mine = row is not None and row.status == ExportStatus.PLANNED.value
        if row is not None and is_mine:
            row.name, row.status, row.ready_at, row.expires_at = name, ExportStatus.READY.value, now, now + LINK_LIVES
            _tell(runtime, tx, row)
    if not is_mine:
        remove_files(runtime, [name])
    return int(is_mine)


def _tell(runtime: Runtime, tx: Transaction, row: PersonalExport) -> None:
    if runtime.links is None or row.expires_at is None:
        return
    page, raw = (runtime.links.link(f"{row.name}.{kind}", row.expires_at) for kind in ("html", "json"))
    notices.notify(runtime, tx, row.openid, runtime.say("data.copy_ready", page=page, raw=raw), dedupe=f"copy:{row.id}")


def collect(runtime: Runtime, tx: Transaction, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return her rows of every table that knows her: table -> rows, oldest first, without columns that are only ours."""
    found = {}
    for holding in list_holdings():
        rows = _read(tx, holding, person)
        if rows:
            found[holding.table] = [{key: render(runtime, value) for key, value in row.items()} for row in rows]
    return found


def _read(tx: Transaction, holding: Holding, person: Person) -> list[dict[str, Any]]:
    table = holding.source
    shown = [column for column in table.columns if column.name not in holding.hidden]
    statement = select(*shown, *_name_ids(holding)).where(holding.find(person))
    if holding.table == "owner_tag":
        statement = statement.join(Tag, Tag.id == table.c.tag_id)
    if holding.table == "residence":
        statement = statement.join(Room, Room.id == table.c.room_id).join(Unit, Unit.id == Room.unit_id)
        statement = statement.join(Building, Building.id == Room.building_id).join(Community, Community.id == Room.community_id)
    rows = tx.connection.execute(statement.order_by(*table.primary_key.columns).limit(MOST_ROWS))
    return [dict(row) for row in rows.mappings()]


def _name_ids(holding: Holding) -> Sequence[Any]:
    """Return the columns that say in words what a number of ours stands for."""
    if holding.table == "owner_tag":
        return (Tag.key.label("key"), Tag.value.label("value"))
    if holding.table == "residence":
        return (Community.name.label("community"), Room.label.label("room_label"))
    return ()


def _write(runtime: Runtime, name: str, data: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    folder = find_folder(runtime)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made_at = runtime.local(runtime.now()).isoformat(timespec="seconds")
    whole = json.dumps({"made_at": made_at, "data": data}, ensure_ascii=False, indent=1)
    for kind, text in (("json", whole), ("html", render_page(runtime, data))):
        path = folder / f"{name}.{kind}"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")


def find_folder(runtime: Runtime) -> Path:
    """Return where the copies lie."""
    return runtime.options.data_dir / FOLDER


def remove_files(runtime: Runtime, names: Sequence[str]) -> None:
    """Take copies away."""
    for name in names:
        for kind in ("json", "html"):
            (find_folder(runtime) / f"{name}.{kind}").unlink(missing_ok=True)


def render_page(runtime: Runtime, data: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the copy as a page: a table a kind, everything a person wrote escaped."""
    book = runtime.content.retention
    parts = [f"<h2>{html.escape(book.title(name))}</h2>{_render_table(book.fields, rows)}" for name, rows in data.items()]
    intro = runtime.say("data.copy_intro", count=sum(len(rows) for rows in data.values()), name=runtime.content.consents.name)
    title = html.escape(runtime.say("data.copy_title"))
    return _PAGE.format(title=title, intro=html.escape(intro), parts="".join(parts))


def _render_table(names: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    used = [name for name in rows[0] if name in names and any(row[name] not in (None, "", [], {}) for row in rows)]
    head = "".join(f"<th>{html.escape(names[name])}</th>" for name in used)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(_render(row[name]))}</td>" for name in used) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _render(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
