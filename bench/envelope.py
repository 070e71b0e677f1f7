"""The platform's side of the webhook for the load generator: signed and encrypted requests out, replies opened and checked.

Written without bot.wechat, so that the same requests are fair to every server and a fault of ours cannot hide itself.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class BadReplyError(Exception):
    """A server's answer is not what the platform would take."""


def sign(*parts: str) -> str:
    """Return SHA-1 over the sorted parts, in hex (facts A1, A2)."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Wire:
    """One Official Account in safe mode. `aes_key` has 43 characters."""

    account: str
    app_id: str
    token: str
    aes_key: str

    @cached_property
    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def encrypt(self, text: str) -> str:
        """Return the Encrypt value of a text."""
        body = text.encode()
        plain = secrets.token_bytes(16) + struct.pack(">I", len(body)) + body + self.app_id.encode()
        padding = BLOCK - len(plain) % BLOCK
        context = self._cipher.encryptor()
        return base64.b64encode(context.update(plain + bytes([padding]) * padding) + context.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the text inside an Encrypt value; BadReplyError when it is not ours."""
        context = self._cipher.decryptor()
        plain = context.update(base64.b64decode(encrypted)) + context.finalize()
        end = 20 + struct.unpack(">I", plain[16:20])[0]
        if plain[end : -plain[-1]] != self.app_id.encode():
            raise BadReplyError("the reply is sealed for another account")
        return plain[20:end].decode()

    def render_post(self, openid: str, text: str, number: int, now: int, *, keep_alive: bool) -> bytes:
        """Return a whole HTTP request that delivers a new text message (`number` is its MsgId, `now` epoch seconds)."""
        inner = (
            f"<xml><ToUserName><![CDATA[{self.account}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
            f"<MsgId>{number}</MsgId></xml>"
        )
        encrypted, stamp, nonce = self.encrypt(inner), str(now), secrets.token_hex(5)
        body = (
            f"<xml><ToUserName><![CDATA[{self.account}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        ).encode()
        query = {
            "signature": sign(self.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": openid,
            "encrypt_type": "aes",
            "msg_signature": sign(self.token, stamp, nonce, encrypted),
        }
        head = (
            f"POST /wechat?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n"
            f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n\r\n"
        )
        return head.encode() + body

    def open_reply(self, body: bytes, openid: str) -> str:
        """Return the words of a passive text reply after every check the platform makes; BadReplyError otherwise."""
        outer = _fields(body)
        stamp, nonce, encrypted = outer.get("TimeStamp", ""), outer.get("Nonce", ""), outer.get("Encrypt", "")
        if not encrypted or outer.get("MsgSignature") != sign(self.token, stamp, nonce, encrypted):
            raise BadReplyError("the reply's signature is wrong")
        inner = _fields(self.decrypt(encrypted).encode())
        if (inner.get("ToUserName"), inner.get("FromUserName")) != (openid, self.account):
            raise BadReplyError("the reply is for somebody else")
        if inner.get("MsgType") != "text" or not inner.get("Content"):
            raise BadReplyError("the reply has no text")
        return inner["Content"]


def _fields(xml: bytes) -> dict[str, str]:
    try:
        return {child.tag: child.text or "" for child in ElementTree.fromstring(xml)}
    except ElementTree.ParseError:
        raise BadReplyError(f"not XML: {xml[:60]!r}") from None
