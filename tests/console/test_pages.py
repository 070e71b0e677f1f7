"""What the pages show: the right rows, escaped, masked, in the estate's time, and every reading in the audit."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from models.audits import add_audit
from models.listings import Scope
from models.outbox import OutboxMessage
from tests.console.estate import (
    PNG,
    add_campaign,
    add_complaint,
    add_order,
    add_picture,
    add_task,
    write_file,
)

ROOT = Path(__file__).resolve().parents[2]
AUDITED = re.compile(r"add_audit\(([^\n]+)")
ACTORS = {"system", "owner", "console"}
SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"


def find_nos(page: str) -> list[str]:
    return re.findall(r'href="/console/(?:orders|complaints)/(\w+)"', page)


def test_what_people_write_is_shown_as_they_wrote_it_and_never_runs(staff, estate):
    owner = estate.owner(SCRIPT[:50])
    add_complaint(estate, text=SCRIPT, owner_id=owner, room_label=SCRIPT, slots={"more": {"value": SCRIPT, "label": SCRIPT}})
    add_order(estate, note=SCRIPT, service=SCRIPT[:50], slots={SCRIPT: {"label": SCRIPT}})
    add_campaign(estate, [(owner, "failed", SCRIPT[:50])], name=SCRIPT, text=SCRIPT, audience=SCRIPT, by=SCRIPT)
    add_task(estate, "D1", summary=SCRIPT)
    for page in (
        "",
        "complaints",
        "complaints/T2611210001",
        "orders",
        "orders/D2611210001",
        "tasks",
        "campaigns",
        "campaigns/1",
    ):
        text = staff.read(f"/console/{page}")
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in staff.read("/console/complaints/T2611210001")


def test_phones_are_masked_wherever_they_were_written(staff, estate):
    owner = estate.owner("张秀英", phone="13800000001")
    slots = {"more": {"value": "x", "label": "打 138 0000 0002 给我"}}
    add_complaint(estate, owner_id=owner, text="请拨13800000003", slots=slots)
    page = staff.read("/console/complaints/T2611210001")
    assert not re.search(r"138 ?0000", page)
    for masked in ("138****0001", "138****0002", "138****0003"):
        assert masked in page


def test_an_order_is_shown_with_its_answers_in_the_order_of_the_script_and_its_story(staff, estate):
    slots = {
        "when": {"label": "11月22日 15:00"},
        "fault": {"label": "漏水"},
        "old": {"label": "早先的"},
        "photo": {"value": {"media_id": "m"}},
    }
    owner = estate.owner("张秀英", phone="13800000001")
    order = add_order(estate, owner_id=owner, room_label="1栋-2单元-301", note="厨房", slots=slots, is_urgent=True)
    add_task(estate, order.no, order_id=order.id, assignee_id=estate.staff("小王"), status="accepted")
    page = staff.read(f"/console/orders/{order.no.lower()}")
    for words in ("水电暖气管道", "张秀英", "1栋-2单元-301", "厨房", "小王", "待接单", "急", "今天 10:00", "登记"):
        assert words in page
    assert page.index("漏水") < page.index("11月22日 15:00") < page.index("早先的")


def test_an_anonymous_complaint_names_nobody(staff, estate):
    add_complaint(estate, openid=None)
    page = staff.read("/console/complaints/T2611210001")
    assert "不留名" in page
    assert "张阿姨" not in page


def test_lists_are_narrowed_by_status_service_and_estate(staff, estate):
    estate.owner("张秀英")
    estate.owner("李雷", community="翠湖苑")
    add_order(estate, 1, community_id=1)
    add_order(estate, 2, status="done", community_id=1)
    add_order(estate, 3, service="car.repair", community_id=2)
    assert find_nos(staff.read("/console/orders")) == ["D2611210003", "D2611210002", "D2611210001"]
    assert find_nos(staff.read("/console/orders?status=done")) == ["D2611210002"]
    assert find_nos(staff.read("/console/orders?service=car.repair")) == ["D2611210003"]
    assert find_nos(staff.read("/console/orders?community=2&service=&status=")) == ["D2611210003"]
    assert "没有这样的工单" in staff.read("/console/orders?status=cancelled")


STRANGE = ("status=x'--", "community=a", "before=0", "before=-1", "after=9999", f"before={'9' * 20}", "before=٣", "service=%00")


def test_a_strange_address_line_is_no_fault(staff, estate):
    add_order(estate)
    for query in STRANGE:
        assert staff.get(f"/console/orders?{query}").status_code == 200, query


def test_pages_of_a_list_meet_without_gap_or_overlap_in_both_directions(staff, estate):
    for number in range(1, 66):
        add_complaint(estate, number, category="pets" if number % 31 == 0 else "noise")
    seen, path = [], "/console/complaints?category=noise"
    pages = []
    while path:
        page = staff.read(path)
        pages.append(find_nos(page))
        seen += pages[-1]
        last, found = path, re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert [len(page) for page in pages] == [30, 30, 3]
    assert seen == sorted(set(seen), reverse=True)
    back = re.search(r'rel="prev" href="([^"]+)"', staff.read(last))
    assert find_nos(staff.read(back[1].replace("&amp;", "&"))) == pages[1]


def test_what_is_not_there_is_said_kindly(staff):
    for path in ("orders/D9", "complaints/D2611210001", "campaigns/99", f"campaigns/{'9' * 20}", "x/y", "orders/%00"):
        answer = staff.get(f"/console/{path}")
        assert answer.status_code == 404, path
        assert "没找到这一页" in answer.text


def test_reading_a_persons_page_leaves_a_trace_and_a_list_does_not(staff, estate):
    add_order(estate)
    add_complaint(estate)
    staff.read("/console/orders")
    assert "查看" not in staff.read("/console/audit")
    staff.read("/console/orders/D2611210001")
    staff.read("/console/complaints/T2611210001")
    page = staff.read("/console/audit")
    assert page.count("查看") == 2
    for words in ("工单 D2611210001", "投诉 T2611210001", "console:admin"):
        assert words in page


def test_the_audit_names_colleagues_and_tags_and_has_words_for_whatever_is_done(staff, estate):
    butler = estate.staff("周敏", "butler")
    with estate.runtime.transaction() as tx:
        add_audit(
            tx.session, estate.runtime.now(), f"staff:{butler}", "tag", "owner:7", key="pet.kind", what="add", source="chat"
        )
        add_audit(tx.session, estate.runtime.now(), "cli", "staff_code", f"staff:{butler}")
    page = " ".join(staff.read("/console/audit").split())
    for words in ("周敏 · 标签 宠物 · 来源 聊天 · 做了什么 加上", "给了绑定码", "同事 周敏"):
        assert words in page
    known = (ROOT / "console/templates/console/audit_words.html").read_text("utf-8")
    files = [path for room in ("handlers", "console") for path in (ROOT / room).glob("*.py")]
    lines = [line for path in files for line in AUDITED.findall(path.read_text("utf-8"))]
    actions = {word for line in lines for word in re.findall(r'(?<!=)"([a-z_]+)"', line)} - ACTORS
    assert len(actions) > 20
    assert [action for action in sorted(actions) if f'"{action}": "' not in known] == []


def test_a_kept_picture_is_shown_to_staff_as_it_came(staff, estate):
    order = add_order(estate)
    write_file(estate, "media/ab/p.png")
    picture = add_picture(estate, path="media/ab/p.png", order_id=order.id)
    assert f'src="/console/pictures/{picture}"' in staff.read(f"/console/orders/{order.no}")
    answer = staff.get(f"/console/pictures/{picture}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PNG, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    answer.close()


OUTSIDE = (
    "secrets.json",
    "media/../secrets.json",
    "../x.png",
    "/etc/passwd",
    "media/link.png",
    "media",
    "media/gone.png",
    None,
)


def test_no_path_leads_out_of_the_media_folder(staff, estate):
    folder = estate.runtime.options.data_dir
    write_file(estate, "secrets.json", b"secret")
    write_file(estate, "media/ab/p.png")
    (folder / "media" / "link.png").symlink_to(folder / "secrets.json")
    order = add_order(estate)
    for path in OUTSIDE:
        picture = add_picture(estate, path=path, order_id=order.id)
        assert staff.get(f"/console/pictures/{picture}").status_code == 404, path


def test_a_file_that_is_no_picture_is_never_opened_in_the_page(staff, estate):
    write_file(estate, "media/ab/p.svg", b"<svg onload='alert(1)'/>")
    picture = add_picture(estate, path="media/ab/p.svg", content_type="image/svg+xml", order_id=add_order(estate).id)
    answer = staff.get(f"/console/pictures/{picture}")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


def test_tasks_that_are_still_to_be_done_come_first_and_the_rest_on_asking(staff, estate):
    add_task(estate, "D1")
    add_task(estate, "T2", kind="complaint", status="accepted", assignee_id=estate.staff("小王"))
    add_task(estate, "D3", status="done")
    page = staff.read("/console/tasks")
    assert [f"<strong>{no}<" in page for no in ("D1", "T2", "D3")] == [True, True, False]
    assert "小王" in page
    assert "<strong>D3<" in staff.read("/console/tasks?state=done")
    assert "<strong>D1<" not in staff.read("/console/tasks?kind=complaint")


def test_a_push_tells_its_numbers_its_reasons_and_only_the_first_character_of_names(staff, estate):
    names = ("张秀英", "李雷", "王小红", "赵六", "孙七")
    owners = [estate.owner(name, room=f"1栋-1单元-{100 + number}") for number, name in enumerate(names)]
    states = [("sent", None), ("delivered", None), ("failed", "user_blocked"), ("skipped", "opted_out"), ("planned", None)]
    add_campaign(estate, [(owner, *state) for owner, state in zip(owners, states, strict=True)])
    page = staff.read("/console/campaigns/1")
    numbers = re.findall(r'class="number"><span>([^<]+)</span><strong>(\d+)', page)
    assert numbers == [("符合", "5"), ("等着发", "1"), ("已发出", "2"), ("没发成", "1"), ("没有发", "1")]
    for words in ("building = 1栋", "说过不想收", "对方拒收", "张＊＊", "明早八点到十点停水"):
        assert words in page
    assert not any(name in page for name in names)
    skipped = staff.read("/console/campaigns/1?status=skipped")
    assert "赵＊" in skipped
    assert "张＊＊" not in skipped


def test_the_overview_counts_by_the_estates_day_and_week(staff, estate):
    now = estate.clock.now()  # Saturday ten o'clock; the day began ten hours ago, the week on Monday
    for number, hours in enumerate((1, 9, 11, 24 * 5 + 9, 24 * 5 + 11), 1):
        add_order(estate, number, created_at=now - timedelta(hours=hours), status="confirmed" if number == 1 else "booked")
    page = staff.read("/console/")
    assert "<span>今天的工单</span><strong>2</strong><small>本周 4 · 没办结 4</small>" in page


def test_the_overview_shows_what_is_open_late_under_way_and_waiting(staff, estate):
    now = estate.clock.now()
    add_task(estate, "D1", summary="厨房漏水", created_at=now - timedelta(hours=2), reminders=1)
    add_task(estate, "D2", summary="马桶堵了", status="accepted", due_at=now - timedelta(minutes=1))
    add_task(estate, "D3", summary="不着急的", status="accepted", reminders=1, created_at=now - timedelta(days=9))
    add_task(estate, "D4", summary="做完了的", status="done", due_at=now - timedelta(days=1))
    add_campaign(estate, [(estate.owner("张秀英"), "planned", None)], name="正在发的推送")
    with estate.runtime.transaction() as tx:
        for minutes in (5, -5):
            due_at = now - timedelta(minutes=minutes)
            tx.session.add(OutboxMessage(openid="o", body={}, due_at=due_at, created_at=now))
    page = staff.read("/console/")
    assert [words in page for words in ("厨房漏水", "马桶堵了", "不着急的", "做完了的", "正在发的推送")] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert "<span>在办的任务</span><strong>3</strong>" in page
    assert "<span>等着发出的消息</span><strong>1</strong>" in page


def test_an_empty_estate_has_pages_too(staff):
    for page in ("", "orders", "complaints", "tasks", "campaigns", "audit"):
        staff.read(f"/console/{page}")


def test_who_answers_for_a_building_sees_its_rows_and_no_others(staff, estate, monkeypatch):
    here, there = estate.owner("张秀英"), estate.owner("李雷", room="2栋-1单元-101")
    for number, building in enumerate((1, 2, None), 1):
        order = add_order(estate, number, building_id=building)
        add_complaint(estate, number, building_id=building)
        add_task(estate, f"X{number}", building_id=building)
        write_file(estate, "media/ab/p.png")
        add_picture(estate, path="media/ab/p.png", order_id=order.id)
    add_campaign(estate, [(here, "planned", None), (there, "planned", None)])
    add_campaign(estate, [(there, "planned", None)], name="别人的推送")
    monkeypatch.setattr("console.access.Scope", lambda: Scope(frozenset({1})))
    assert find_nos(staff.read("/console/orders")) == ["D2611210001"]
    assert find_nos(staff.read("/console/complaints")) == ["T2611210001"]
    assert re.findall(r"<strong>(X\d)<", staff.read("/console/tasks")) == ["X1"]
    assert "别人的推送" not in staff.read("/console/campaigns")
    page = staff.read("/console/campaigns/1")
    assert "张＊＊" in page
    assert "李＊" not in page
    assert "还没有记录" in staff.read("/console/audit")
    today = staff.read("/console/")
    assert "<span>今天的工单</span><strong>1</strong>" in today
    assert "别人的推送" not in today
    for path in (
        "orders/D2611210002",
        "orders/D2611210003",
        "complaints/T2611210002",
        "campaigns/2",
        "pictures/2",
        "pictures/3",
    ):
        assert staff.get(f"/console/{path}").status_code == 404, path
    assert staff.get("/console/pictures/1").status_code == 200


def test_a_fault_is_said_in_words_and_tells_nothing_of_its_inside(staff, app, monkeypatch):
    app.testing = False
    monkeypatch.setattr("console.orders.list_cases", lambda *_: 1 / 0)
    answer = staff.get("/console/orders")
    assert answer.status_code == 500
    assert "请稍后再试" in answer.text
    assert "ZeroDivision" not in answer.text
    assert "default-src" in answer.headers["Content-Security-Policy"]
