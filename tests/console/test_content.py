"""The content browser: what scripts say, how they are used, trying one out; the vocabulary and the menu's rules."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from dialogs.effects import EFFECTS
from models.cases import Order
from models.conversations import Conversation
from models.outbox import OutboxMessage
from models.sealing import SecretMap
from tests.console.conftest import Visitor, give_account
from tests.console.estate import add_order
from tests.console.test_surveys import answer, find_question
from tests.loaded import CONTENT
from tests.world import World

SERVICE = "housekeeping.utilities"


def leave(world: World, openid: str, script: str, step: str, minutes: int) -> None:
    """Write down a conversation in which somebody last spoke so many minutes ago."""
    at = world.clock.now() - timedelta(minutes=minutes)
    state = {"script": script, "revision": "r", "step": step}
    with world.runtime.transaction() as tx:
        tx.session.add(
            Conversation(openid=openid, state=state, script=script, revision="r", round=1, waiting=[], updated_at=at)
        )


def test_scripts_are_listed_by_kind_with_how_they_were_used(staff, estate):
    script = estate.runtime.content.scripts[SERVICE]
    step = next(each for each in script.steps if type(each).__name__ == "Ask" and each.name)
    leave(estate, "o1", SERVICE, step.id, 5)
    leave(estate, "o2", SERVICE, step.id, 300)
    leave(estate, "o3", SERVICE, step.id, 300)
    leave(estate, "o4", SERVICE, step.id, 60 * 24 * 40)
    add_order(estate, 1, service=SERVICE)
    add_order(estate, 2, service=SERVICE, created_at=estate.clock.now() - timedelta(days=40))
    page = staff.read("/console/content?kind=service")
    row = next(each for each in page.split('<li class="row-calm">') if f"/scripts/{SERVICE}" in each)
    assert f"开始 4 · 说完 1 · 正在说 1 · 停下 2，多停在“{step.name}”" in row
    own = staff.read(f"/console/content/scripts/{SERVICE}")
    assert f"<dt>2</dt><dd>{step.name}</dd>" in own
    assert ">× 2</text>" in own
    for kind in ("survey", "menu", "part", "chat", "staff", "no such kind"):
        assert "/console/content/scripts/" in staff.read(f"/console/content?kind={kind}"), kind


def test_where_people_leave_a_sealed_conversation_is_counted_too(staff, estate):
    with estate.runtime.transaction() as tx:
        at = estate.clock.now() - timedelta(hours=5)
        state = SecretMap({"script": "survey.owner", "revision": "r", "step": "pet"})
        values = {"state": state, "script": "survey.owner", "revision": "r", "round": 1, "waiting": [], "updated_at": at}
        tx.session.add(Conversation(openid="o1", **values))
    assert "停下 1</p>" in staff.read("/console/content?kind=survey")
    assert "<dt>1</dt><dd>宠物</dd>" in staff.read("/console/content/scripts/survey.owner")


def test_a_script_is_shown_with_picture_questions_tests_and_text(staff, estate):
    survey, question, labels = find_question(estate, is_sensitive=False)
    estate.owner("张秀英")
    answer(estate, 1, survey, question, labels[0])
    page = staff.read(f"/console/content/scripts/{survey}")
    assert "<span>开始</span><strong>1</strong>" in page
    script = estate.runtime.content.scripts[survey]
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert f'id="step-{question}"' in page
    for words in (
        script.title,
        labels[0],
        f"自测 {len(script.tests)} 段都过",
        "没有毛病",
        "没答完的，最后答的是",
        f"id: {survey}",
    ):
        assert words in page, words
    part = next(iter(estate.runtime.content.parts))
    assert f"id: {part}" in staff.read(f"/console/content/scripts/{part}")
    assert staff.get("/console/content/scripts/none").status_code == 404


def test_every_effect_has_plain_words_and_no_words_are_left_of_one_that_is_gone():
    keys = CONTENT.texts.phrases
    assert {key.removeprefix("effect.") for key in keys if key.startswith("effect.")} == set(EFFECTS)


def say(visitor: Visitor, page: str, path: str, **given: str) -> str:
    """Send the page's form with something more, as a browser without JavaScript would."""
    form = page[page.index('id="answer"') :]
    fields = [(name, unescape(value)) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)]
    data: dict[str, list[str]] = {}
    for name, value in (*fields, *given.items()):
        data.setdefault(name, []).append(value)
    answer = visitor.client.post(path, data=data)
    assert answer.status_code == 200
    return answer.text


def test_a_script_is_tried_to_its_end_and_nothing_is_booked(staff, estate):
    path = f"/console/content/scripts/{SERVICE}/try"
    page = staff.read(f"{path}?sentence=厨房水管漏水了")
    assert "厨房水管漏水了" in page
    for given in ({"text": "明天下午三点"}, {"text": "跳过"}):
        page = say(staff, page, path, **given)
    page = say(staff, page, path, tap=re.search(r'name="tap" value="([^"]+)"', page)[1])
    assert "会登记一张工单，派给负责的同事；服务：" in page
    assert "说完了" in page
    back = say(staff, page, path, do="back")
    assert "会登记一张工单" not in back
    assert "会登记一张工单" not in say(staff, page, path, do="reset")
    with estate.runtime.database.reading() as tx:
        assert [tx.session.query(each).count() for each in (Order, OutboxMessage, Conversation)] == [0, 0, 0]


def test_every_script_can_be_tried_by_everybody_and_odd_input_is_no_fault(staff, estate):
    content = estate.runtime.content
    for script in (*content.scripts, *content.parts):
        assert staff.get(f"/console/content/scripts/{script}/try").status_code == 200, script
    path = "/console/content/scripts/survey.owner/try"
    for role in ("owner", "stranger", "staff", "nobody"):
        page = staff.read(f"{path}?as={role}")
        odd = say(staff, page, path, text="<script>alert(1)</script>\x00", said="x", begun="now")
        assert "<script>alert" not in odd
    crowd = {"csrf_token": staff.token(path), "said": ["t啊"] * 300}
    assert "说得够多了" in staff.client.post(path, data=crowd).text


def test_the_vocabulary_tells_of_how_many_each_is_known(staff, estate):
    estate.owner("张秀英", tags={"pet.kind": "犬"})
    estate.owner("李雷", tags={"car.count": "1"})
    page = staff.read("/console/content/tags")
    row = next(each for each in page.split("<tr>") if "pet.kind" in each)
    assert re.search(r"<td>1 <small>50%</small></td>", row)
    assert "要单独同意：健康" in page
    assert "身份证号" in page


def test_menu_rules_are_told_and_explained_for_an_owner_in_the_scope(staff, visitor, estate):
    owner = estate.owner("张秀英", openid="o1", tags={"car.count": "0"})
    silent = estate.owner("李雷", room="2栋-1单元-101")
    page = staff.read(f"/console/content/menus?owner={owner}")
    assert "因为您说家里没有车" in page
    assert "对得上" in page
    assert "张＊＊" in page
    assert "还没关注公众号" in staff.read(f"/console/content/menus?owner={silent}")
    give_account(estate, "wang", "butler", ("1栋",))
    visitor.client.post("/console/sign-out", data={"csrf_token": visitor.token("/console/")})
    visitor.sign_in("wang")
    assert visitor.get(f"/console/content/menus?owner={silent}").status_code == 404
