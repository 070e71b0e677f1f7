"""Consent: asked, kept with its text and evidence, taken back by one word; everything else goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers import consents
from handlers.errors import InvalidInputError
from handlers.exports import export
from models.audits import AuditEntry
from models.consents import Consent, ConsentText, PersonIds
from models.conversations import InboundMessage
from models.followers import PushStop
from models.tag_changes import TagChange
from models.tags import OwnerTag, get_or_create_tag
from tests.handlers.test_story import book_leak, settle
from tests.world import World


def agree(world: World, owner_id: int, purpose: str, *, granted: bool = True) -> int:
    with world.runtime.transaction() as tx:
        person = PersonIds(owner_id, "zhang")
        return consents.record(world.runtime, tx, person, purpose, granted, "chat", "k0", "owner")


def is_granted(world: World, owner_id: int, purpose: str) -> bool:
    with world.runtime.database.reading() as tx:
        return consents.is_granted(tx.session, owner_id, purpose, world.runtime.now())


def may_ask(world: World, owner_id: int, purpose: str) -> bool:
    with world.runtime.database.reading() as tx:
        return consents.may_ask(tx.session, owner_id, purpose, world.runtime.now())


def test_nobody_has_agreed_who_was_not_asked(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    assert not is_granted(world, owner_id, "profile")
    assert may_ask(world, owner_id, "profile")


def test_a_yes_holds_for_its_purpose_alone(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    agree(world, owner_id, "profile")
    assert is_granted(world, owner_id, "profile")
    assert not is_granted(world, owner_id, "health")


def test_a_new_version_of_the_text_makes_an_old_yes_stale(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    consents.store_texts(world.runtime)
    agree(world, owner_id, "health")
    book = world.runtime.content.consents
    newer = {**book.purposes, "health": replace(book.purposes["health"], version="2027-01")}
    content = replace(world.runtime.content, consents=replace(book, purposes=newer))
    world.clock.advance(timedelta(days=60))
    consents.store_texts(replace(world.runtime, content=content))
    assert not is_granted(world, owner_id, "health")
    assert may_ask(world, owner_id, "health")
    with world.runtime.database.reading() as tx:
        facts = consents.read_facts(tx.session, PersonIds(owner_id), world.runtime.now())
        versions = list(tx.session.scalars(select(ConsentText.version).where(ConsentText.purpose == "health")))
    assert facts["consents"]["health"] == "stale"
    assert versions == ["2026-11", "2027-01"]


@pytest.mark.parametrize(("days", "may"), [(1, False), (179, False), (180, True)])
def test_a_refusal_is_respected_for_180_days(world: World, days: int, may: bool) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    agree(world, owner_id, "profile", granted=False)
    world.clock.advance(timedelta(days=days))
    assert may_ask(world, owner_id, "profile") is may


def test_the_question_is_asked_and_its_evidence_is_the_message(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    assert "可以吗" in world.say("zhang", "同意记录")
    assert "撤回" in world.say("zhang", "同意")
    with world.runtime.database.reading() as tx:
        row = tx.session.scalars(select(Consent)).one()
        key = tx.session.scalars(select(InboundMessage.key).order_by(InboundMessage.id.desc()).limit(1)).one()
    assert (row.owner_id, row.openid, row.purpose, row.granted) == (owner_id, "zhang", "profile", True)
    assert (row.evidence, row.text_version, row.channel) == (key, "2026-11", "chat")


def test_who_refused_is_not_asked_again_by_the_same_script(world: World) -> None:
    world.owner("张阿姨", openid="zhang")
    world.say("zhang", "同意记录")
    assert "不记" in world.say("zhang", "不同意")
    assert "可以吗" not in world.say("zhang", "同意记录")


def test_a_consent_given_before_the_binding_counts_after_it(world: World) -> None:
    owner_id = world.owner("张阿姨", phone="13800000001")
    with world.runtime.transaction() as tx:
        consents.record(world.runtime, tx, PersonIds(None, "new"), "marketing", True, "chat", "k", "owner")
    assert not is_granted(world, owner_id, "marketing")
    world.say("new", "绑定")
    world.say("new", "13800000001")
    world.say("new", "1-2-301")
    assert is_granted(world, owner_id, "marketing")


def test_one_word_takes_a_consent_back_and_what_rested_on_it(world: World) -> None:
    settle(world)
    owner_id = world.owner("李叔", openid="li_owner", tags={"pet.kind": "犬", "health.season": "要提醒"})
    with world.runtime.transaction() as tx:
        consents.record(world.runtime, tx, PersonIds(owner_id, "li_owner"), "health", True, "chat", "k", "owner")
        tag_id = get_or_create_tag(tx.connection, "hobby", "太极")
        now = world.runtime.now()
        tx.session.add(OwnerTag(owner_id=owner_id, tag_id=tag_id, source="bot", purpose="health", at=now))
        said = {"source": "bot", "by": "owner", "action": "add", "at": now, "before": []}
        tx.session.add(TagChange(owner_id=owner_id, key="health.season", value="要提醒", **said))
    assert "收回了" in world.say("li_owner", "撤回")
    assert not is_granted(world, owner_id, "health")
    with world.runtime.database.reading() as tx:
        left = [tag.tag.key for tag in tx.session.scalars(select(OwnerTag).where(OwnerTag.owner_id == owner_id)).unique()]
        history = tx.session.scalars(select(TagChange.value)).all()
    assert left == ["pet.kind"]
    assert history == [""]


@pytest.mark.parametrize(("relation", "evidence"), [("业主", "k0 业主"), ("家人", "k0 家人"), ("租客", None), ("代办", None)])
def test_only_an_owner_or_her_family_as_registered_agrees_for_a_child(
    world: World, relation: str, evidence: str | None
) -> None:
    owner_id = world.owner("张阿姨", openid="zhang", relation=relation)
    with world.runtime.database.reading() as tx:
        facts = consents.read_facts(tx.session, PersonIds(owner_id, "zhang"), world.runtime.now())
    assert facts["may_ask"] == {**dict.fromkeys(facts["may_ask"], True), "minors": evidence is not None}
    if evidence is None:
        with pytest.raises(InvalidInputError, match="registered"):
            agree(world, owner_id, "minors")
        assert agree(world, owner_id, "minors", granted=False), "a no is heard from everybody"
        return
    agree(world, owner_id, "minors")
    with world.runtime.database.reading() as tx:
        assert tx.session.scalars(select(Consent.evidence)).all() == [evidence]


def test_of_several_consents_one_is_chosen_and_the_others_stay(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    for purpose in ("profile", "health", "marketing"):
        agree(world, owner_id, purpose)
    assert "哪一样" in world.say("zhang", "撤回同意")
    assert "收回了" in world.say("zhang", "2")
    states = [is_granted(world, owner_id, purpose) for purpose in ("profile", "marketing", "health")]
    assert states == [True, False, True]
    world.say("zhang", "撤回")
    world.say("zhang", "全部收回")
    assert not any(is_granted(world, owner_id, purpose) for purpose in ("profile", "health"))


def test_the_word_is_heard_in_the_middle_of_a_question_and_the_booking_comes_back(world: World) -> None:
    settle(world)
    with world.runtime.database.reading() as tx:
        owner_id = tx.session.execute(select(Consent.id)).first()
    assert owner_id is None
    agree(world, 1, "profile")
    world.say("zhang", "我家厨房水管漏水了")
    said = world.say("zhang", "撤回")
    assert "收回了" in said
    assert not is_granted(world, 1, "profile")
    assert "上门" in said or "上门" in world.say("zhang", "继续")


def test_repairs_complaints_and_progress_go_on_after_everything_is_taken_back(world: World) -> None:
    settle(world)
    for purpose in ("profile", "marketing", "health"):
        agree(world, 1, purpose)
    world.say("zhang", "撤回")
    world.say("zhang", "全部收回")
    no = book_leak(world)
    assert no in world.say("zhang", "进度")
    said = world.say("zhang", "楼上半夜太吵了,天天吵到两点,睡不着")
    for _ in range(4):
        said = world.say("zhang", "确认" if "确认" in said else "跳过") if "T2" not in said else said
    assert "T2" in said
    assert world.say("zhang", "物业费")


def test_a_no_to_offers_stops_pushes_and_a_yes_lets_them_come(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    agree(world, owner_id, "marketing", granted=False)
    assert world.count(PushStop) == 1
    agree(world, owner_id, "marketing")
    assert world.count(PushStop) == 0


def test_leaving_the_account_ends_offers_and_leaves_the_register(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    agree(world, owner_id, "marketing")
    agree(world, owner_id, "profile")
    world.event("zhang", "unsubscribe")
    assert not is_granted(world, owner_id, "marketing")
    assert is_granted(world, owner_id, "profile")
    assert next(iter(export(world.runtime, "owners")))["name"] == "张阿姨"


def test_the_export_has_the_contracts_fields(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    agree(world, owner_id, "profile")
    row = next(iter(export(world.runtime, "consents")))
    assert (row["owner_id"], row["purpose"], row["granted"]) == (owner_id, "profile", True)
    assert (row["text_version"], row["channel"], row["at"]) == ("2026-11", "chat", "2026-11-21T10:00:00+08:00")


def test_no_audit_entry_of_a_person_holds_her_openid(world: World) -> None:
    world.owner("张阿姨", phone="13800000001")
    openid = "oABCDEFGHIJKLMNOPQRSTUVWXYZ1"
    for text in ("绑定", "13800000001", "1-2-301", "退订", "恢复推送", "同意记录", "同意", "撤回"):
        world.say(openid, text)
    with world.runtime.database.reading() as tx:
        rows = [f"{row.by} {row.subject} {row.detail}" for row in tx.session.scalars(select(AuditEntry))]
    assert len(rows) >= 4
    assert not any(openid in row or "13800000001" in row for row in rows)


def test_who_writes_without_having_been_welcomed_hears_the_five_things_before_the_first_question_once(world: World) -> None:
    settle(world)
    first = world.say("zhang", "我家厨房水管漏水了")
    assert [word in first for word in ("谁在用", "做什么", "收什么", "留多久", "您说了算")] == [True] * 5
    assert first.index("谁在用") < first.index("上门")
    assert "谁在用" not in world.say("zhang", "明天下午三点")
    assert "谁在用" in world.event("new", "subscribe")
    assert "谁在用" not in world.say("new", "你好")
    assert "谁在用" not in world.say("wang", "任务")


def test_privacy_shows_everything_as_a_list(world: World) -> None:
    said = world.say("new", "隐私")
    while "回复「更多」" in said[-30:]:
        said += world.say("new", "更多")
    assert [word in said for word in ("谁在用", "做什么", "怎么用", "留 180 天", "最多半年", "您说了算")] == [True] * 6
