"""The load generator speaks as the platform does, and does not let a wrong answer pass."""

import asyncio
from dataclasses import asdict
from urllib.parse import parse_qs, urlsplit

import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from bench.envelope import BadReplyError, Wire
from bench.load import Job, answer_length, judge, send
from bench.talk import STEPS, TALKS, Turn, choose_people, openid_of, plan

WIRE = Wire("gh_test", "wxtest", "sometoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
CRYPTO = WeChatCrypto(WIRE.token, WIRE.aes_key, WIRE.app_id)
OPENID = openid_of(1)


def read_request(request: bytes) -> tuple[dict[str, str], bytes, bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    path = head.split(b" ")[1].decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}, head, body


def answer_to(text: str, openid: str = OPENID, status: str = "200 OK") -> bytes:
    reply = TextReply(source=WIRE.account, target=openid, content=text).render()
    body = CRYPTO.encrypt_message(reply, "nonce", "1700000000").encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_a_request_passes_both_signature_checks_and_opens_with_the_platform_library():
    request = WIRE.render_post(OPENID, "厨房漏水", 7, 1_700_000_000, keep_alive=True)
    given, head, body = read_request(request)
    check_signature(WIRE.token, given["signature"], given["timestamp"], given["nonce"])
    message = parse_message(CRYPTO.decrypt_message(body, given["msg_signature"], given["timestamp"], given["nonce"]))
    assert (message.content, message.source, message.target, message.id) == ("厨房漏水", OPENID, "gh_test", 7)
    assert given["encrypt_type"] == "aes"
    assert f"Content-Length: {len(body)}".encode() in head
    assert "厨房漏水".encode() not in body


def test_a_reply_sealed_by_the_platform_library_is_opened():
    body = answer_to("您好").partition(b"\r\n\r\n")[2]
    assert WIRE.open_reply(body, OPENID) == "您好"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"success", "not XML"),
        (answer_to("x", openid="oSomebodyElse").partition(b"\r\n\r\n")[2], "somebody else"),
        (answer_to("x").partition(b"\r\n\r\n")[2].replace(b"<TimeStamp>1", b"<TimeStamp>2"), "signature"),
    ],
)
def test_a_reply_that_the_platform_would_refuse_is_refused(body: bytes, fault: str):
    with pytest.raises(BadReplyError, match=fault):
        WIRE.open_reply(body, OPENID)


def test_answers_are_judged_one_by_one():
    talk = [(OPENID, Turn("菜单", "家政管家"))] * 3
    answers = [answer_to("1. 家政管家"), answer_to("别的话"), answer_to("1. 家政管家", status="500 Oh")]
    faults = judge(WIRE, "dialog", talk, answers)
    assert len(faults) == 2
    assert "别的话" in faults[0]
    assert "500" in faults[1]


def test_an_answer_is_whole_when_its_announced_length_is_there():
    answer = answer_to("您好")
    assert answer_length(answer[:10]) is None
    assert answer_length(answer[:-3]) == len(answer)


def test_every_person_says_every_turn_in_order():
    people = choose_people(1_000, 5)
    said = [turn for openid, turn in plan(people, STEPS) if openid == people[3]]
    assert said == list(TALKS[STEPS])
    assert len(set(people)) == 5


@pytest.mark.parametrize("closes", [False, True])
def test_a_run_sends_everything_over_its_connections_and_counts_them(closes: bool):
    report, connections = asyncio.run(run_against_echo(closes=closes))
    assert (report.bad, report.faults) == (0, [])
    assert report.messages == 4 * len(TALKS[STEPS])
    assert report.connects == connections == (report.messages if closes else 2)


async def run_against_echo(*, closes: bool):
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
                given, _, _ = read_request(head + body)
                xml = CRYPTO.decrypt_message(body, given["msg_signature"], given["timestamp"], given["nonce"])
                message = parse_message(xml)
                writer.write(answer_to(message.content, message.source))
                if closes:
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        job = Job(port, "echo", keep_alive=not closes, wire=asdict(WIRE), owners=40, people=4, connections=2)
        return await send(job), connections
