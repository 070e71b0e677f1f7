"""A list of owners goes out as rows: within a scope, phones masked, nothing of level 2; bounded and audited (D17, D26)."""

from __future__ import annotations

from handlers.errors import InvalidInputError
from handlers.exports import mask_phone, mask_row
from handlers.runtime import Runtime
from models.audits import add_audit
from models.database import Transaction
from models.owner_lists import OwnerLine, OwnerQuery, list_owners
from models.owners import Owner
from models.vocabulary import Vocabulary

MOST_ROWS = 2_500  # half of what the law counts at most (D26); more is the command line's, in other hands
PAGE = 500
COLUMNS = ("编号", "姓名", "手机", "小区", "房号", "关系", "标签")


def export_owners(runtime: Runtime, by: str, query: OwnerQuery) -> list[tuple[str, ...]]:
    """Return the rows of a list below COLUMNS, and write down who took how many.

    Raises InvalidInputError for more than `MOST_ROWS`: nothing goes out, and nothing is cut off silently.
    """
    rows: list[tuple[str, ...]] = []
    after: int | None = 0
    with runtime.transaction() as tx:
        while after is not None:
            page, after = read_page(runtime, tx, query, after)
            rows += page
            if len(rows) > MOST_ROWS:
                raise InvalidInputError(f"more than {MOST_ROWS} owners: narrow the list")
        add_audit(tx.session, runtime.now(), by, "export", "export:owners", count=len(rows), unmask=False)
    return rows


def read_page(runtime: Runtime, tx: Transaction, query: OwnerQuery, after: int) -> tuple[list[tuple[str, ...]], int | None]:
    """Return the next rows of a list, and the id behind which the rest comes, None at its end."""
    page = list_owners(tx.session, query, after_id=after, size=PAGE)
    found = tx.session.query(Owner.id, Owner.phone).filter(Owner.id.in_({line.id for line in page.rows}))
    phones = {number: mask_phone(phone) for number, phone in found if phone}
    rows = [_render(runtime.content.vocabulary, line, phones.get(line.id, "")) for line in page.rows]
    return rows, page.next_after


def make_watermark(runtime: Runtime, by: str, count: int) -> tuple[str, ...]:
    """Return the last row of a list: who took it, when, how many, and that it goes no further (D17)."""
    at = f"{runtime.local(runtime.now()):%Y-%m-%d %H:%M}"
    text = runtime.say("export.watermark", who=by.removeprefix("console:"), at=at, count=count)
    return (text, *("" for _ in COLUMNS[1:]))


def _render(vocabulary: Vocabulary, line: OwnerLine, phone: str) -> tuple[str, ...]:
    known = vocabulary.keys
    tags = [f"{known[key].label}={value}" for key, value in line.tags if key in known and known[key].level == 1]
    named = {"name": line.name, "community": line.community, "room": line.room, "relation": line.relation}
    masked = mask_row({**named, "tags": ";".join(tags)})
    return (str(line.id), masked["name"], phone, *(str(masked[name]) for name in ("community", "room", "relation", "tags")))
