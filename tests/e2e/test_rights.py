"""What the law gives people (D01 to D17, D22, D24), asked for over the real protocol, and looked for afterwards everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
import redis
from sqlalchemy import select, update

from bot.clock import FixedClock
from bot.files import FileLinks
from bot.redis_server import find_socket
from bot.rules import next_time
from bot.settings import load_settings
from bot.spool import Spool
from dialogs.intents.understander import Understander
from handlers import consents, personal_export, pushes, survey_invitations, ticks
from handlers.content import Content
from handlers.runtime import Runtime
from models.answers import SurveyAnswer
from models.base import Base
from models.cases import Attachment, Complaint, Order
from models.consents import Consent
from models.conversations import InboundMessage
from models.followers import Follower
from models.outbox import OutboxMessage
from models.owners import Owner
from models.personal import list_holdings
from models.rights import Erasure, PersonalExport
from models.tag_changes import TagChange
from models.tags import list_tags
from models.tasks import Task
from models.visits import Visit
from tests.e2e.caller import Caller, open_witness
from tests.e2e.system import HTTP, System, wait_for
from tests.handlers import planting
from tests.handlers.planting import NAME, OPENID, PHONE
from tests.world import World

COMMUNITY, ROOM = "权利苑", "1栋-2单元-301"
TENANT, NEIGHBOUR, HOST = "oRIGHTS_tenant", "oRIGHTS_neighbour", "oRIGHTS_host"
FIVE = ("一、谁在用", "二、做什么", "三、收什么", "四、留多久", "五、您说了算")
TRACES = (OPENID, NAME, PHONE)
PLATFORM = "sandbox.db"  # the other side of the wire keeps its own books
DAY = timedelta(days=1)
MARKS = {"account_mark"}  # what is to be brought to the account: the running worker takes it away at once


Row = TypeVar("Row", bound=Base)


@dataclass
class Estate:
    """The running product, a witness that sees all of its folder, and three people."""

    system: System
    world: World
    her: Caller
    tenant: Caller
    neighbour: Caller
    host: Caller

    @property
    def owner_id(self) -> int:
        """Her place in the register."""
        with self.world.runtime.database.reading() as tx:
            return tx.session.scalars(select(Owner.id).where(Owner.name == NAME)).one()

    def tags(self) -> dict[str, list[str]]:
        """Return what is kept of her."""
        with self.world.runtime.database.reading() as tx:
            return list_tags(tx.session, self.owner_id, self.world.runtime.now())

    def rows(self, table: type[Row], *conditions: Any) -> Sequence[Row]:
        """Return rows of a table, oldest first."""
        with self.world.runtime.database.reading() as tx:
            return tx.session.scalars(select(table).where(*conditions).order_by(*table.__table__.primary_key)).unique().all()


@pytest.fixture(scope="module")
def estate(loaded: tuple[Content, Understander], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Give a product of its own: its clock is turned far ahead in the end."""
    system = System(tmp_path_factory.mktemp("rights"))
    try:
        system.start()
        with open_witness(system, loaded, system.folder) as world:
            world.owner(NAME, phone=PHONE, room=ROOM, community=COMMUNITY)
            world.owner(
                "租客小吴", openid=TENANT, phone="13911112222", room="1栋-2单元-302", community=COMMUNITY, relation="租客"
            )
            world.owner("老周", openid=NEIGHBOUR, phone="13911113333", room="1栋-2单元-303", community=COMMUNITY)
            world.staff("权管家", HOST, community=COMMUNITY)
            world.runtime = _give_reach(system, world.runtime)
            people = [Caller(system, world, openid) for openid in (OPENID, TENANT, NEIGHBOUR, HOST)]
            yield Estate(system, world, *people)
    finally:
        if system.process is not None:
            system.stop()


def _give_reach(system: System, runtime: Runtime) -> Runtime:
    """Return the witness's runtime with the product's own addresses for copies and its own waiting messages."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in system.environ.items():
            patch.setenv(name, value)
        settings = load_settings()
    links = FileLinks(settings.web.public_url, settings.web.session_secret)
    return replace(runtime, links=links, traces=Spool(system.folder / "spool"))


def test_who_follows_is_told_five_things_before_anything_is_asked(estate: Estate) -> None:
    estate.her.do("unfollow")
    said = estate.her.do("follow")
    places = [said.index(each) for each in FIVE]
    assert places == sorted(places)
    assert "？" not in said[: places[-1]], "nothing is asked before all five are told"
    assert estate.rows(Consent) == []
    estate.her.say("绑定")
    estate.her.say(PHONE)
    assert NAME in estate.her.say("1栋2单元301")
    said = estate.her.say("隐私")
    for each in ("谁在用", "做什么", "怎么用", "收什么、留多久", "您说了算"):
        assert each in said


def test_a_consent_is_kept_with_its_text_and_evidence_and_a_sensitive_one_is_asked_apart(estate: Estate) -> None:
    said = estate.her.say("业主调研")
    assert estate.world.runtime.content.consents.purposes["profile"].text in said
    estate.her.answer_on(said, {"season_consent": "不同意"})
    book, messages = estate.world.runtime.content.consents.purposes, {}
    for row in estate.rows(InboundMessage, InboundMessage.openid == OPENID):
        messages[row.key] = row.text
    given = {row.purpose: row for row in estate.rows(Consent, Consent.owner_id == estate.owner_id)}
    assert {purpose: row.granted for purpose, row in given.items()} == {"profile": True, "health": False, "minors": True}
    assert all(row.text_version == book[purpose].version and row.channel == "chat" for purpose, row in given.items())
    evidence = {purpose: messages[row.evidence.split()[0]] for purpose, row in given.items()}
    assert (evidence["profile"], evidence["health"]) == ("是", "不同意"), "the message in which she said so"
    assert given["minors"].evidence.endswith(" 业主"), "by what relation she speaks for the child (D07)"
    tags = estate.tags()
    assert tags["house.use"] == ["自住"]
    assert tags["child.stage"] == ["0-3"]
    assert not [key for key in tags if key.startswith("health.")]


def test_for_a_child_nobody_is_asked_but_a_registered_guardian(estate: Estate) -> None:
    said = estate.tenant.answer_on(estate.tenant.say("业主调研"))
    assert "谢谢您说这么多" in said
    assert "监护人" not in said
    assert "家里有孩子吗" not in said
    assert {row.purpose for row in estate.rows(Consent, Consent.openid == TENANT)} == {"profile", "health"}


def test_a_no_is_remembered_for_half_a_year_and_one_word_is_enough_for_it(estate: Estate) -> None:
    estate.tenant.say("撤回")
    assert "收回了" in estate.tenant.say("记下家里情况和喜好")
    assert estate.rows(SurveyAnswer, SurveyAnswer.openid == TENANT) == []
    assert "先不说这个" in estate.tenant.say("同意记录")
    assert "先不打扰" in estate.host.say("调研 1栋-2单元-302 业主调研 上门")
    for days, skipped in ((179, {"refused": 1}), (181, {})):
        later = replace(estate.world.runtime, clock=FixedClock(estate.world.runtime.now() + days * DAY))
        audience = f"community = '{COMMUNITY}' 且 关系 = 租客"
        told = survey_invitations.invite_audience(later, "survey.owner", audience, "cli", dry_run=True)
        assert told["skipped"] == skipped


def test_why_a_push_came_is_told(estate: Estate) -> None:
    told = pushes.create(estate.world.runtime, audience=f"小区 = '{COMMUNITY}' 且 自住", text="周末门口磨刀。", topic="service")
    assert told["planned"] == 1
    estate.her.hears("周末门口磨刀")
    said = estate.her.say("为什么收到")
    assert "周末门口磨刀" in said
    assert "自住" in said


def test_a_recording_is_kept_after_a_yes_only(estate: Estate) -> None:
    own = {"rate": "1", "reason": "电梯老坏", "spoken_consent": "不同意"}
    assert "按住说一段" not in estate.tenant.answer_on(estate.tenant.say("年度回访"), own)
    assert estate.rows(Attachment, Attachment.kind == "voice") == []
    kept = _speak(estate, estate.her)
    assert (estate.system.folder / str(kept.path)).is_file()


def _speak(estate: Estate, caller: Caller) -> Attachment:
    """Let somebody who had a bad year say why in her own voice, and wait until it was fetched."""
    caller.say("年度回访")
    while (step := caller.stands()["step"]) != "spoken":
        caller.say({"rate": "1", "reason": "电梯老坏", "spoken_consent": "同意"}.get(step, "1"))
    caller.do("voice", text="")
    caller.answer_on("")
    mine = (Attachment.openid == caller.openid, Attachment.kind == "voice", Attachment.status == "kept")
    return wait_for(lambda: estate.rows(Attachment, *mine), 60)[0]  # type: ignore[no-any-return]


def test_she_sees_and_corrects_and_gets_a_copy_of_all_that_is_kept(estate: Estate) -> None:
    her = estate.her
    no = _book_a_repair(her)
    for words in (f"接单 {no}", f"完成 {no} 换了阀芯"):
        assert no in estate.host.say(words)
    her.hears(no)
    her.answer_on("")
    assert f"尾号 {PHONE[-4:]}" in her.say("我的资料")
    assert "喜好" in her.say("都记了什么")
    for words in ("更正", "喜好", "宠物"):
        said = her.say(words)
    assert "改了" in her.say("犬"), said
    assert estate.tags()["pet.kind"] == ["犬"]
    her.say("删除我")
    her.say("删掉")
    with estate.world.runtime.transaction() as tx:
        planting.fill(estate.world, tx, estate.owner_id)
        tx.session.execute(update(PersonalExport).values(requested_at=estate.world.runtime.now() - 2 * DAY))
    assert set(planting.list_empty_holdings(estate.world)) <= MARKS
    her.say("导出我的资料")
    personal_export.build_due(estate.world.runtime)  # unless the product's own clock was faster
    link = re.search(r"http\S+\.json[^\s\"]*", her.hears(".json"))
    assert link
    with HTTP.open(link[0], timeout=60) as answer:
        kept = json.load(answer)["data"]
    assert set(kept) | MARKS == {each.table for each in list_holdings()}
    assert (kept["owner"][0]["name"], kept["owner"][0]["phone"]) == (NAME, PHONE)


def _book_a_repair(caller: Caller) -> str:
    """Book a repair with a picture; returns its number."""
    for words in ("我家厨房水管漏水了", "后天下午三点"):
        caller.say(words)
    caller.do("image", sample="leak")
    said = caller.say("确认")
    assert "登记好了" in said
    found = re.search(r"D\d{10}", said)
    return found[0] if found else ""


def test_who_takes_everything_back_is_served_as_before(estate: Estate) -> None:
    assert "哪一样" in estate.her.say("撤回")
    assert "报修、投诉、缴费、查进度都照常" in estate.her.say("全部收回")
    assert set(estate.tags()) <= {"pet.kind", "hobby"}, "her own correction, and what staff saw"
    with estate.world.runtime.database.reading() as tx:
        person, now = consents.PersonIds(estate.owner_id, OPENID), estate.world.runtime.now()
        assert "granted" not in consents.read_facts(tx.session, person, now)["consents"].values()
    orders, complaints = (len(estate.rows(table, table.openid == OPENID)) for table in (Order, Complaint))
    _book_a_repair(estate.her)
    for words in ("楼上半夜太吵了，天天吵到两点，睡不着", "跳过", "确认"):
        said = estate.her.say(words)
    assert "二十四小时内给您答复" in said
    assert len(estate.rows(Order, Order.openid == OPENID)) == orders + 1
    assert len(estate.rows(Complaint, Complaint.openid == OPENID)) == complaints + 1
    assert "请同事查好告诉您" in estate.her.say("交物业费"), "there is no bill of hers"


def test_of_who_leaves_nothing_stays_that_only_her_consent_carried(estate: Estate) -> None:
    estate.neighbour.answer_on(estate.neighbour.say("认识一下"))
    owner_id = estate.rows(Follower, Follower.openid == NEIGHBOUR)[0].owner_id
    with estate.world.runtime.database.reading() as tx:
        assert "reach.topics" in list_tags(tx.session, owner_id or 0, estate.world.runtime.now())
    estate.neighbour.say("业主调研")
    estate.neighbour.do("unfollow")
    with estate.world.runtime.database.reading() as tx:
        tags = list_tags(tx.session, owner_id or 0, estate.world.runtime.now())
    assert "reach.topics" not in tags
    assert "family.role" in tags, "the register's and the profile's rows have a ground of their own"
    assert estate.rows(Consent, Consent.openid == NEIGHBOUR, Consent.purpose == "marketing")[-1].granted is False
    assert estate.neighbour.stands()["script"] is None
    told = pushes.create(
        estate.world.runtime, audience=f"community = '{COMMUNITY}' 且 room = '1栋-2单元-303'", text="磨刀。", topic="service"
    )
    assert (told["planned"], told["skipped"]) == (0, {"not_following": 1})
    estate.neighbour.do("follow")


def test_who_asks_to_be_forgotten_is_found_nowhere(estate: Estate) -> None:
    assert _find_traces(estate), "what is looked for is there before"
    media = [row.path for row in estate.rows(Attachment, Attachment.openid == OPENID)]
    _end_all_cases(estate)
    at = estate.world.runtime.now() + DAY + timedelta(minutes=5)
    done = json.loads(estate.system.run("tick", "--at", at.isoformat()))
    assert done["erasures"], done
    estate.her.hears("都删了")

    def is_swept() -> bool:
        """Files are swept when nobody reads them at that instant, else by a later tick."""
        ticks.tick(estate.world.runtime, at + timedelta(minutes=1), next_time)
        return estate.rows(Erasure)[-1].swept_at is not None

    wait_for(is_swept, 120)
    assert _find_traces(estate) == []
    assert not [path for path in media if path and (estate.system.folder / path).exists()]
    assert "谁在用" in estate.her.say("你好"), "to us she is new"


def _end_all_cases(estate: Estate) -> None:
    with estate.world.runtime.transaction() as tx:
        for table, status in ((Order, "confirmed"), (Complaint, "confirmed"), (Task, "done")):
            tx.session.execute(update(table).values(status=status))


def _find_traces(estate: Estate) -> list[str]:
    """Return where she is found: in the rows, in Redis, in the log and in every file, the database's own included."""
    found = [f"row: {line[:200]}" for line in planting.dump(estate.world).splitlines() if _leads_to_her(line.encode())]
    with redis.Redis(unix_socket_path=str(find_socket(estate.system.folder / "redis"))) as store:
        found += [f"redis: {key!r}" for key in store.scan_iter() if _leads_to_her(key + (store.dump(key) or b""))]
    found += [f"log: {line}" for line in estate.system.said if _leads_to_her(line.encode())]
    files = (path for path in estate.system.folder.rglob("*") if path.is_file() and not path.name.startswith(PLATFORM))
    return found + [f"file: {path}" for path in files if _leads_to_her(path.read_bytes())]


def _leads_to_her(content: bytes) -> bool:
    return any(word.encode() in content or json.dumps(word)[1:-1].encode() in content for word in TRACES)


def test_every_kind_is_kept_as_long_as_was_promised_and_no_longer(estate: Estate) -> None:
    _book_a_repair(estate.neighbour)
    voice = _speak(estate, estate.neighbour)
    _end_all_cases(estate)
    runtime = estate.world.runtime
    began = runtime.now()

    def tick(days: int) -> None:
        ticks.tick(runtime, began + days * DAY, next_time)

    tick(29)
    assert (estate.system.folder / str(voice.path)).is_file()
    tick(31)
    assert not (estate.system.folder / str(voice.path)).exists()
    assert {row.kind for row in estate.rows(Attachment)} == {"image"}
    assert estate.rows(InboundMessage, InboundMessage.openid == NEIGHBOUR)
    tick(181)
    assert not estate.rows(InboundMessage, InboundMessage.at < began + DAY)
    assert not estate.rows(OutboxMessage, OutboxMessage.created_at < began + DAY)
    assert estate.rows(Order, Order.openid == NEIGHBOUR)
    tick(1100)
    for table in (Order, Complaint, Task, Attachment, SurveyAnswer, TagChange, Visit):
        assert not estate.rows(table), table
    assert estate.rows(Owner), "the register stays as long as people do"
