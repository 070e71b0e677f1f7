"""Pushes, tags, ticks and the menu: from the command line to the platform."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.contract.program import COMMUNITY, Program
from tests.contract.tencent import Tencent
from tests.contract.test_registers import check_fields, csv

HERE = ZoneInfo("Asia/Shanghai")


def now(**ahead: float) -> str:
    return (datetime.now(HERE) + timedelta(**ahead)).isoformat(timespec="seconds")


def deliveries(program: Program, campaign: object) -> dict[str, dict[str, object]]:
    rows = [row for row in check_fields(program, "deliveries") if row["campaign"] == campaign]
    return {str(row["openid"] or "nobody"): row for row in rows}


def test_a_push_reaches_everyone_once_and_tells_why_not(program: Program, tencent: Tencent, tmp_path: Path) -> None:
    rows = [
        f"{COMMUNITY},9,1,101,甲一,13700000001,业主,,,p-open,",
        f"{COMMUNITY},9,1,102,乙一,13700000002,业主,,,p-closed,",
        f"{COMMUNITY},9,1,103,丙一,13700000003,业主,,,p-out,",
        f"{COMMUNITY},9,1,104,丁一,13700000004,业主,,,,",
    ]
    program.run("import", "owners", csv(tmp_path / "o.csv", *rows))
    program.run("say", "p-open", "你好")
    assert program.run("say", "p-out", "退订").out.strip()
    planned = program.run("push", "--audience", "building = '9'", "--text", "停水通知：明天九点", "--dry-run").json
    assert planned["matched"] == 4
    done = program.run("push", "--audience", "building = '9'", "--text", "停水通知：明天九点", "--name", "停水").json
    assert {"campaign", "matched", "planned", "skipped"} <= set(done)
    assert done["matched"] == done["planned"] + sum(done["skipped"].values()) == 4
    program.run("tick", "--at", now(seconds=1))
    program.run("tick", "--at", now(seconds=2))
    sent = deliveries(program, done["campaign"])
    assert len(sent) == 4
    assert sent["p-open"]["status"] in ("sent", "delivered")
    assert "停水通知：明天九点" in str(tencent.sent("p-open")[-1].body)
    assert len([c for c in tencent.sent("p-open") if "停水" in c.words]) == 1
    assert "custom/send" in tencent.sent("p-open")[-1].path
    assert sent["p-closed"]["status"] in ("sent", "delivered")
    assert tencent.sent("p-closed")[-1].body["template_id"] == "tpl-notice"
    for name in ("p-out", "nobody"):
        assert sent[name]["status"] == "skipped"
        assert sent[name]["reason"]
    assert not [c for c in tencent.sent("p-out") if "停水" in c.words]
    (campaign,) = [row for row in check_fields(program, "campaigns") if row["name"] == "停水"]
    assert campaign["counts"]


def test_without_a_template_a_closed_window_is_a_reason_not_a_message(program: Program, tencent: Tencent) -> None:
    bare = Program(program.home, {k: v for k, v in program.env.items() if "TEMPLATES" not in k})
    before = len(tencent.sent("o31"))
    done = bare.run("push", "--audience", "room = '3101'", "--text", "您好").json
    bare.run("tick", "--at", now(seconds=1))
    row = deliveries(bare, done["campaign"])["o31"]
    assert row["status"] in ("skipped", "failed")
    assert row["reason"]
    assert len(tencent.sent("o31")) == before


def test_a_later_push_waits_for_its_tick_and_a_second_tick_does_nothing(program: Program, tencent: Tencent) -> None:
    at = now(hours=3)
    program.run("say", "o32", "你好")
    before = len(tencent.sent("o32"))
    done = program.run("push", "--audience", "room = '3201'", "--text", "周末电影会", "--at", at, "--topic", "活动").json
    program.run("tick", "--at", now(seconds=1))
    assert len(tencent.sent("o32")) == before
    first = program.run("tick", "--at", at).json
    assert sum(v for v in first.values() if isinstance(v, int)) > 0
    assert len(tencent.sent("o32")) == before + 1
    again = program.run("tick", "--at", at).json
    assert sum(v for v in again.values() if isinstance(v, int)) == 0, again
    assert len(tencent.sent("o32")) == before + 1
    assert deliveries(program, done["campaign"])["o32"]["attempts"] == 1


def test_what_may_not_be_said_is_refused(program: Program) -> None:
    for text in ("零物业费时代来了", "零 物 业 费"):
        assert program.run("push", "--audience", "building = '1'", "--text", text, code=1).err
    program.run("push", "--audience", "building = '1'", "--text", "您好", "--at", "next week", code=2)
    assert not program.run("export", "campaigns").rows


def test_tags_are_put_on_and_taken_off_and_written_down(program: Program) -> None:
    program.run("tag", "o33", "+pet.kind=犬", "+car.count=1", "--by", "s-butler")
    tags = {row["openid"]: row["tags"] for row in program.run("export", "owners").rows}["o33"]
    assert tags == {"pet.kind": ["犬"], "car.count": ["1"]}
    assert program.run("audience", "tag('pet.kind', '犬')").json["count"] == 1
    program.run("tag", "o33", "-pet.kind=犬", "--by", "s-butler")
    row = next(row for row in program.run("export", "owners").rows if row["openid"] == "o33")
    assert row["tags"] == {"car.count": ["1"]}
    program.run("tag", str(row["id"]), "+pet.kind=猫", "--by", "s-butler")
    assert any("pet.kind" in str(line) or "tag" in str(line) for line in program.run("export", "audit").rows)
    program.run("tag", "nobody", "+pet.kind=犬", code=1)
    assert "no.such" in program.run("tag", "o33", "+no.such=1", code=1).err


def test_the_menu_is_published_and_shown(program: Program, tencent: Tencent) -> None:
    program.run("menu", "publish")
    buttons = tencent.menu["button"]
    assert 1 <= len(buttons) <= 3
    for button in buttons:
        assert len(button["name"].encode()) <= 16
        assert len(button.get("sub_button", [])) <= 5
        assert all(len(sub["name"].encode()) <= 60 for sub in button.get("sub_button", []))
    assert buttons[0]["name"] in program.run("menu", "show").out
