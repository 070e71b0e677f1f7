"""Signatures and envelopes against the platform's own vectors, wechatpy, and everything malformed."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.wechat.crypto import BadEnvelopeError, Envelope, sign, verify_signature
from bot.wechat.fields import read_encrypted, read_fields
from bot.wechat.messages import parse_message
from handlers.errors import InvalidInputError

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "k" * 43
APP_ID = "wx2c2769f8efd9abc2"
TOKEN = "spamtest"
# The sample of the platform's own library: compatible mode, plain fields beside the encrypted ones.
SAMPLE = (
    "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>"
    "<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName><CreateTime>1409735668</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[abcdteT]]></Content><MsgId>6054768590064713728</MsgId>"
    "<Encrypt><![CDATA[hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVA"
    "FmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3y"
    "t+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1"
    "BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE=]]></Encrypt></xml>"
)


def sealed_by_us(envelope: Envelope, xml: str = "<xml><A>1</A></xml>", key: str = "current") -> str:
    encrypt = read_encrypted(envelope.seal(xml, key, "1409735669", "1320562132", TOKEN).encode())
    assert encrypt is not None
    return encrypt


@pytest.mark.parametrize(
    ("signature", "timestamp", "nonce"),
    [
        ("f464b24fc39322e44b38aa78f5edd27bd1441696", "1714036504", "1514711492"),
        ("899cf89e464efb63f54ddac96b0a0a235f53aa78", "1714037059", "486452656"),
    ],
)
def test_the_platforms_signatures_are_accepted(signature: str, timestamp: str, nonce: str) -> None:
    assert verify_signature("AAAAA", signature, timestamp, nonce)
    assert not verify_signature("AAAAB", signature, timestamp, nonce)
    assert not verify_signature("AAAAA", signature, timestamp, nonce + "0")
    assert not verify_signature("AAAAA", signature.upper(), timestamp, nonce)


def test_an_empty_token_or_part_is_refused_although_its_sha1_is_right() -> None:
    assert not verify_signature("", sign("", "", ""), "", "")
    assert not verify_signature("", sign("", "1", "2"), "1", "2")
    assert not verify_signature("t", sign("t", "", "2"), "", "2")
    assert not verify_signature("t", sign("t", "1", "2", ""), "1", "2", "")
    assert not verify_signature("t", "", "1", "2")


def test_a_signature_of_odd_characters_is_refused_quietly() -> None:
    assert not verify_signature("t", "签名\ud800", "\ud800", "随机")


def test_the_platforms_own_sample_is_opened() -> None:
    encrypt = read_encrypted(SAMPLE.encode())
    assert encrypt is not None
    assert verify_signature(TOKEN, "5d197aaffba7e9b25a30732f161a50dee96bd5fa", "1409735669", "1320562132", encrypt)
    assert not verify_signature(TOKEN, "5d197aaffba7e9b25a30732f161a50dee96bd5fa", "1409735669", "1320562132")
    xml, key_used = Envelope(KEY, APP_ID).open(encrypt)
    assert key_used == "current"
    assert parse_message(xml).text == "abcdteT"


def test_only_the_decrypted_half_of_a_compatible_body_is_read() -> None:
    forged = SAMPLE.replace("[abcdteT]", "[forged]").encode()
    encrypt = read_encrypted(forged)
    assert encrypt is not None
    assert parse_message(Envelope(KEY, APP_ID).open(encrypt)[0]).text == "abcdteT"


def test_what_the_old_key_sealed_opens_and_the_reply_goes_back_under_it() -> None:
    rotated = Envelope(KEY, APP_ID, OLD_KEY)
    encrypt = sealed_by_us(Envelope(OLD_KEY, APP_ID), "<xml><A>旧</A></xml>")
    xml, key_used = rotated.open(encrypt)
    assert (xml.decode(), key_used) == ("<xml><A>旧</A></xml>", "previous")
    assert Envelope(OLD_KEY, APP_ID).open(sealed_by_us(rotated, "<xml/>", key_used))[0] == b"<xml/>"


def test_wechatpy_opens_what_we_seal() -> None:
    reply = Envelope(KEY, APP_ID).seal("<xml><A>您好</A></xml>", "current", 1409735669, "n1", TOKEN)
    signature = str(read_fields(reply.encode())["MsgSignature"])
    opened = WeChatCrypto(TOKEN, KEY, APP_ID).decrypt_message(reply, signature, "1409735669", "n1")
    assert opened == "<xml><A>您好</A></xml>"


def test_we_open_what_wechatpy_seals() -> None:
    reply = WeChatCrypto(TOKEN, KEY, APP_ID).encrypt_message("<xml><A>您好</A></xml>", "n1", "1409735669")
    encrypt = read_encrypted(reply.encode())
    assert encrypt is not None
    assert Envelope(KEY, APP_ID).open(encrypt)[0].decode() == "<xml><A>您好</A></xml>"


def test_another_accounts_message_is_told_apart() -> None:
    with pytest.raises(BadEnvelopeError) as caught:
        Envelope(KEY, APP_ID).open(sealed_by_us(Envelope(KEY, "wxother")))
    assert caught.value.reason == "app_id"


def test_the_app_id_must_match_whole() -> None:
    for other in (APP_ID + "x", APP_ID[:-1]):
        with pytest.raises(BadEnvelopeError):
            Envelope(KEY, APP_ID).open(sealed_by_us(Envelope(KEY, other)))


@pytest.mark.parametrize("encrypt", ["", "!", "AAAA", "A" * 63, "汉字", base64.b64encode(b"x" * 33).decode(), "A" * 64])
def test_a_malformed_envelope_is_one_typed_error(encrypt: str) -> None:
    with pytest.raises(BadEnvelopeError) as caught:
        Envelope(KEY, APP_ID, OLD_KEY).open(encrypt)
    assert caught.value.reason == "malformed"


def test_a_wrong_key_is_malformed() -> None:
    with pytest.raises(BadEnvelopeError):
        Envelope(KEY, APP_ID).open(sealed_by_us(Envelope(OLD_KEY, APP_ID)))


@given(place=st.integers(min_value=0, max_value=95), bit=st.integers(min_value=0, max_value=7))
def test_a_flipped_bit_never_raises_anything_else(place: int, bit: int) -> None:
    envelope = Envelope(KEY, APP_ID)
    data = bytearray(base64.b64decode(sealed_by_us(envelope)))
    data[place % len(data)] ^= 1 << bit
    with suppress(BadEnvelopeError):
        envelope.open(base64.b64encode(bytes(data)).decode())


@given(st.text(max_size=300))
def test_any_text_goes_round(xml: str) -> None:
    envelope = Envelope(KEY, APP_ID)
    assert envelope.open(sealed_by_us(envelope, xml))[0] == xml.encode("utf-8", "replace")


@pytest.mark.parametrize("key", ["", "short", "a" * 42, "a" * 44, "钥" * 43, "a" * 43 + "\n"])
def test_a_key_of_another_form_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(InvalidInputError):
        Envelope(key, APP_ID)
