"""What goes in by CSV and comes out as JSON Lines."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tests.contract.program import COMMUNITY, HEADER, STAFF, Program

OWNERS = [
    f"{COMMUNITY},3,2,301,李四,13800138000,业主,2019-05-06,1970-01-02,o-li,car.count=1;pet.kind=犬",
    f"{COMMUNITY},3,2,302,欧阳娜娜,,,,,,",
]
FIELDS = {
    "owners": "id name phone community building unit room relation stage openid tags",
    "staff": "id name role openid buildings",
    "orders": "id no service status owner_id openid slots assignee_openid amount_fen created_at",
    "complaints": "id no status category text owner_id openid history",
    "tasks": "id no kind status assignee_openid order_id complaint_id due_at",
    "responses": "owner_id survey revision question key label raw source asker at",
    "deliveries": "campaign owner_id openid channel status reason attempts sent_at",
    "campaigns": "id name audience status counts",
    "consents": "owner_id purpose granted text_version channel at",
}
RARE = ["visits", "payments", "suppliers"]  # the other kinds are exported by the cases that fill them


def csv(path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> str:
    path.write_text("\n".join([header, *rows]) + "\n", encoding)
    return str(path)


def test_owners_come_in_once_and_come_out_masked(program: Program, tmp_path: Path) -> None:
    file = csv(tmp_path / "owners.csv", *OWNERS, encoding="utf-8-sig")
    for _ in range(2):
        assert program.run("import", "owners", file).out is not None
    rows = {row["name"]: row for row in program.run("export", "owners").rows}
    assert len(rows) == 43
    li = rows["李四"]
    assert set(FIELDS["owners"].split()) <= set(li)
    assert (li["community"], li["building"], li["unit"], li["room"]) == (COMMUNITY, "3", "2", "301")
    assert (li["openid"], li["relation"]) == ("o-li", "业主")
    assert li["tags"]["car.count"] == ["1"]
    assert li["tags"]["pet.kind"] == ["犬"]
    assert "13800138000" not in str(rows)
    assert li["phone"].startswith("138")
    assert li["phone"].endswith("8000")
    assert not rows["欧阳娜娜"]["openid"]
    shown = {row["name"]: row for row in program.run("export", "owners", "--unmask").rows}
    assert shown["李四"]["phone"] == "13800138000"
    assert any("export" in str(row).lower() for row in program.run("export", "audit").rows)


def test_a_bad_row_stops_all_unless_bad_rows_may_be_left_out(program: Program, tmp_path: Path) -> None:
    bad = [f"{COMMUNITY},3,2,303,,13800138001,业主,,,,", f"{COMMUNITY},3,2,304,钱六,12,业主,昨天,,,nonsense"]
    file = csv(tmp_path / "owners.csv", OWNERS[0], bad[0], OWNERS[1], bad[1])
    told = program.run("import", "owners", file, code=1).err
    assert "3" in told
    assert "5" in told
    assert len(program.run("export", "owners").rows) == 41
    program.run("import", "owners", file, "--skip-bad")
    assert len(program.run("export", "owners").rows) == 43
    rejected = (
        (tmp_path / "owners.csv.rejected.csv")
        if (tmp_path / "owners.csv.rejected.csv").exists()
        else tmp_path / "owners.rejected.csv"
    )
    kept = rejected.read_text("utf-8-sig")
    assert "钱六" in kept
    assert "李四" not in kept
    assert kept.splitlines()[0].startswith(HEADER)


def test_a_wrong_header_and_a_missing_file_are_refused(program: Program, tmp_path: Path) -> None:
    program.run("import", "owners", csv(tmp_path / "a.csv", "x", header="name,phone"), code=1)
    done = program.run("import", "owners", str(tmp_path / "none.csv"), code=2)
    assert "none.csv" in done.err


def test_staff_come_in_with_their_buildings(program: Program, tmp_path: Path) -> None:
    file = csv(tmp_path / "staff.csv", *STAFF.splitlines()[1:], header=STAFF.splitlines()[0])
    program.run("import", "staff", file)
    rows = {row["name"]: row for row in program.run("export", "staff").rows}
    assert len(rows) == 5
    assert set(FIELDS["staff"].split()) <= set(rows["李管家"])
    assert rows["李管家"]["role"] == "butler"
    assert rows["李管家"]["openid"] == "s-butler"
    assert rows["李管家"]["buildings"] == [f"{COMMUNITY}/1", f"{COMMUNITY}/2"]
    told = program.run("import", "staff", csv(tmp_path / "b.csv", "孙某,1,king,,", header=STAFF.splitlines()[0]), code=1)
    assert "2" in told.err
    assert "king" in told.err


def test_the_rarer_kinds_of_export_are_there(template: Program) -> None:
    for kind in RARE:
        assert template.run("export", kind).rows == []


def check_fields(program: Program, kind: str) -> list[dict[str, object]]:
    """Insist on the promised fields and on times with an offset; other cases use it on the rows they made."""
    rows = program.run("export", kind).rows
    assert rows, kind
    for row in rows:
        assert set(FIELDS[kind].split()) <= set(row), (kind, row)
        for name, value in row.items():
            if name.endswith("_at") or name == "at":
                assert value is None or datetime.fromisoformat(value).utcoffset() is not None
    return rows
