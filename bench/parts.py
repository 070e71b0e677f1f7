"""What the parts of a turn cost, each alone and in one thread: understanding, engine, the platform's envelope, audiences."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.machine import print_table
from bench.product import open_community, open_product
from bench.servers import WIRE
from bench.talk import openid_of
from bot.runtime import Wiring
from bot.wechat.crypto import Envelope, verify_signature
from bot.wechat.fields import read_encrypted
from bot.wechat.messages import parse_message
from bot.wechat.replies import render_text
from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.inputs import Begin, Given, Said, World
from models.audience.parse import parse_audience
from models.audience.queries import count_audience

SENTENCES = (
    "厨房水管漏水了，快来人看看",
    "想约个钟点工，下周三",
    "车子一踩刹车就吱吱响",
    "楼道灯坏了好几天了",
    "我要投诉，楼上半夜还在装修",
    "想去云南玩几天，两个人",
    "帮我交一下这个月的电费",
    "孩子数学跟不上，有补课的吗",
    "我妈一个人在家，想找人陪她聊聊天",
    "物业费多少钱一平",
    "你好",
    "有人吗",
    "快递能帮我送到家吗，太沉了",
    "我想把房子租出去，你们管吗",
    "空调不制冷了",
    "谢谢，没事了",
    "小区里流浪狗太多了，能不能管管，孩子都不敢下楼玩",
    "装修手续怎么办",
    "明天天气怎么样",
    "帮我叫个出租车去机场，晚上八点",
)
ANSWERS = ("后天", "3", "跳过", "每周一次")
AUDIENCES = (
    "pet.kind = '犬'",
    "pet.kind = '犬' and community = '花园1期'",
    "car.count >= 1 and house.use = '自住' and not elder.has = '有'",
    "hobby in ('园艺', '书画') and building = '3栋' and has(pet.kind)",
)
OWNERS = 100_000


def run(folder: Path, rounds: int) -> bool:
    """Print the tables; nothing is required of the parts alone."""
    with open_product(folder / "product") as wiring:
        rows = [*_time_understanding(wiring, rounds), *_time_engine(wiring, rounds), *_time_wire(wiring, rounds)]
        print_table("Parts of a turn, alone", ("part", "microseconds", "min..max"), rows)
        counts = _time_audiences(folder, wiring, rounds)
        print_table(f"Counting an audience among {OWNERS:,} owners", ("expression", "owners", "ms", "min..max"), counts)
    return True


def measure(work: Callable[[], object], times: int, rounds: int) -> list[float]:
    """Return the mean microseconds of `work` for every round of `times` calls, after one round to warm up."""
    found = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - started) / times * 1e6)
    return found[1:]


def _row(name: str, micros: Sequence[float], share: int = 1) -> tuple[str, str, str]:
    parts = [each / share for each in micros]
    return name, f"{statistics.median(parts):.1f}", f"{min(parts):.1f}..{max(parts):.1f}"


def _time_understanding(wiring: Wiring, rounds: int) -> list[tuple[str, str, str]]:
    understand = wiring.runtime.understander.understand
    micros = measure(lambda: [understand(sentence) for sentence in SENTENCES], 20, rounds)
    return [_row("understanding a sentence", micros, len(SENTENCES))]


def _time_engine(wiring: Wiring, rounds: int) -> list[tuple[str, str, str]]:
    runtime = wiring.runtime
    content = runtime.content
    script = content.scripts["housekeeping.hourly"]
    owner = {"name": "张阿姨", "title": "张阿姨", "bound": True, "room": "1栋-1单元-301", "rooms": ["1栋-1单元-301"]}
    facts = {"owner": {**owner, "community": "花园1期", "relation": "业主", "phone_tail": "0001"}}
    now = runtime.local(runtime.now())
    facts |= {"staff": {"name": "", "role": ""}, "args": {"rest": "", "first": "", "more": ""}}
    facts |= {"now": {"date": now.date().isoformat(), "hour": now.hour}}
    facts |= {"service": {"code": script.id, "label": "钟点工", "butler": "家政管家"}}
    world = World(now=now, calendar=content.calendar, facts=facts)
    given: tuple[Given, ...] = (Begin(), *(Said(Heard(kind="text", text=text)) for text in ANSWERS))

    def book() -> None:
        state = None
        for each in given:
            state = engine.step(script, state, each, world, content.texts, content.words).state
        if state is None or state.step != "review":
            raise ValueError(f"the booking did not come to its review: {state}")

    return [_row("engine step", measure(book, 100, rounds), len(given))]


def _time_wire(wiring: Wiring, rounds: int) -> list[tuple[str, str, str]]:
    envelope, openid, now = Envelope.of(wiring.account), openid_of(1), int(time.time())
    request = WIRE.render_post(openid, SENTENCES[0], 1, now, keep_alive=True)
    body = request.partition(b"\r\n\r\n")[2]
    encrypted = read_encrypted(body) or ""
    xml, key = envelope.open(encrypted)
    said = wiring.runtime.say("host.stranger")
    at = wiring.runtime.now()
    reply = render_text(openid, WIRE.account, said, at)
    works: tuple[tuple[str, Callable[[], object]], ...] = (
        (
            "verify both signatures",
            lambda: [verify_signature(WIRE.token, "0" * 40, "1", "2", more) for more in ("3", encrypted)],
        ),
        ("read and open the envelope", lambda: envelope.open(read_encrypted(body) or "")),
        ("parse the message", lambda: parse_message(xml)),
        ("render the reply", lambda: render_text(openid, WIRE.account, said, at)),
        ("seal the reply", lambda: envelope.seal(reply, key, now, "nonce", WIRE.token)),
    )
    return [_row(name, measure(work, 2_000, rounds)) for name, work in works]


def _time_audiences(folder: Path, wiring: Wiring, rounds: int) -> list[tuple[str, str, str, str]]:
    now, today = wiring.runtime.now(), wiring.runtime.today()
    rows = []
    with open_community(folder, OWNERS) as database, database.reading() as tx:
        for expression in AUDIENCES:
            audience = parse_audience(expression, wiring.runtime.content.vocabulary)

            def count(asked=audience) -> int:  # type: ignore[no-untyped-def]
                return count_audience(tx.connection, asked, now, today)

            micros = measure(count, 1, rounds)
            row = _row(expression, micros, 1_000)
            rows.append((row[0], f"{count():,}", row[1], row[2]))
    return rows
