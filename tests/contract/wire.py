"""What the platform does on its side of the webhook: sign, encrypt, post, read the answer.

Written from the platform's pages alone, so that a mistake of ours cannot hide in both places. It must not import the project.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOKEN = "contracttoken"
APP_ID = "wxc0ffee0123456789"
ACCOUNT = "gh_contract"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"


class Xml(str):
    """A value that is XML already."""


_ids = count(time.time_ns() // 1000)


def sha1(*parts: str) -> str:
    """Sign parts as the platform does: sorted, joined, hashed."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def cdata(value: object) -> str:
    """Wrap a value for XML."""
    return f"<![CDATA[{value}]]>"


def message(openid: str, kind: str = "text", *, at: int | None = None, **fields: object) -> str:
    """Build the XML of a message or event; a MsgId is added unless it is an event. A value of type Xml stays as it is."""
    if kind != "event":
        fields.setdefault("MsgId", next(_ids))
    body = "".join(f"<{k}>{v if isinstance(v, Xml) else cdata(v)}</{k}>" for k, v in fields.items())
    return (
        f"<xml><ToUserName>{cdata(ACCOUNT)}</ToUserName><FromUserName>{cdata(openid)}</FromUserName>"
        f"<CreateTime>{at or int(time.time())}</CreateTime><MsgType>{cdata(kind)}</MsgType>{body}</xml>"
    )


def encrypt(plain: str, key: str = AES_KEY, app_id: str = APP_ID) -> str:
    """Encrypt a body: AES-256-CBC, blocks of 32, 16 random bytes, big-endian length, text, AppID."""
    secret = base64.b64decode(key + "=")
    data = plain.encode()
    raw = os.urandom(16) + struct.pack("!I", len(data)) + data + app_id.encode()
    pad = 32 - len(raw) % 32
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(cipher.update(raw + bytes([pad]) * pad) + cipher.finalize()).decode()


def decrypt(sealed: str, key: str = AES_KEY) -> tuple[str, str]:
    """Give the text and the AppID inside."""
    secret = base64.b64decode(key + "=")
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
    raw = cipher.update(base64.b64decode(sealed)) + cipher.finalize()
    raw = raw[: -raw[-1]]
    (size,) = struct.unpack("!I", raw[16:20])
    return raw[20 : 20 + size].decode(), raw[20 + size :].decode()


@dataclass
class Answer:
    """One HTTP answer of the webhook."""

    status: int
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """Words of a passive text reply; empty when the answer is `success`."""
        if self.body in (b"success", b""):
            return ""
        return ET.fromstring(self.body).findtext("Content") or ""

    def field(self, name: str) -> str:
        """Give one field of the reply."""
        return ET.fromstring(self.body).findtext(name) or ""


def request(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Send one HTTP request; an error status is an answer as well."""
    began = time.monotonic()
    wanted = urllib.request.Request(url, data=data, headers=headers or {"Content-Type": "text/xml"})
    try:
        with urllib.request.urlopen(wanted, timeout=30) as reply:
            status, body = reply.status, reply.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    return Answer(status, body, time.monotonic() - began)


class Phone:
    """The platform between one person and one running bot."""

    def __init__(self, base: str, openid: str = "", mode: str = "plain") -> None:
        self.base, self.openid, self.mode = base, openid, mode

    def query(self, **more: str) -> str:
        """Give a signed query string."""
        stamp, nonce = str(int(time.time())), os.urandom(4).hex()
        signed = {"signature": sha1(TOKEN, stamp, nonce), "timestamp": stamp, "nonce": nonce, "openid": self.openid}
        sealed = more.pop("sealed", None)
        if sealed is not None:
            signed |= {"encrypt_type": "aes", "msg_signature": sha1(TOKEN, stamp, nonce, sealed)}
        return f"{self.base}/wechat?" + urllib.parse.urlencode(signed | more)

    def deliver(self, xml: str, key: str = AES_KEY, app_id: str = APP_ID, **more: str) -> Answer:
        """Deliver a message the way the mode says."""
        if self.mode == "plain":
            return request(self.query(**more), xml.encode())
        sealed = encrypt(xml, key, app_id)
        plain = (
            xml[len("<xml>") : -len("</xml>")] if self.mode == "compatible" else f"<ToUserName>{cdata(ACCOUNT)}</ToUserName>"
        )
        body = f"<xml>{plain}<Encrypt>{cdata(sealed)}</Encrypt></xml>"
        return request(self.query(sealed=sealed, **more), body.encode())

    def send(self, kind: str, **fields: Any) -> Answer:
        """Send a message of any kind; every rule that holds for each answer is looked at here."""
        answer = self.deliver(message(self.openid, kind, **fields))
        assert answer.status == 200, answer
        assert answer.seconds < 20, f"{answer.seconds:.1f} s for {fields}"
        if self.mode == "plain":
            check_reply(answer, self.openid)
        return answer

    def say(self, text: str, **fields: Any) -> str:
        """Say a text and give the words of the reply."""
        answer = self.send("text", Content=text, **fields)
        assert answer.body not in (b"success", b""), f"silence after {text!r}"
        return answer.text

    def event(self, name: str, **fields: Any) -> Answer:
        """Send an event."""
        return self.send("event", Event=name, **fields)


def check_reply(answer: Answer, openid: str) -> None:
    """Insist on what the platform insists on: a well-formed passive reply to the sender, or the word success."""
    if answer.body == b"success":
        return
    root = ET.fromstring(answer.body)
    assert root.tag == "xml"
    assert root.findtext("ToUserName") == openid
    assert root.findtext("FromUserName") == ACCOUNT
    assert int(root.findtext("CreateTime") or "") > 0
    content = root.findtext("Content") or ""
    assert root.findtext("MsgType") != "text" or content.strip()
    assert len(content.encode()) <= 2048, f"{len(content.encode())} bytes"
    assert "零物业费" not in content
    assert "None" not in content, content
    assert "{" not in content, content
