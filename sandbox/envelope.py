"""From the fields of a message or event to the signed HTTP body of one delivery, and nothing more."""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox.crypto import encrypt, sign
from sandbox.settings import SandboxConfig

# What XML 1.0 cannot carry: the platform drops it before it writes the message.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Letter:
    """One delivery ready to post: the url with its query, the body, and the XML as it was before encryption."""

    url: str
    body: bytes
    plain: str
    nonce: str
    timestamp: str


def render_xml(fields: dict[str, Any]) -> str:
    """Write fields as the platform does: integers bare, texts in CDATA, dicts nested, lists as repeated elements."""
    return "<xml>" + "".join(_element(name, value) for name, value in fields.items()) + "</xml>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        return f"<{name}>" + "".join(_element(key, item) for key, item in value.items()) + f"</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    clean = _UNPRINTABLE.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{clean}]]></{name}>"


def seal(config: SandboxConfig, fields: dict[str, Any]) -> Letter:
    """Sign one delivery afresh, and encrypt it as the mode says; every re-delivery gets its own timestamp and nonce."""
    timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
    plain = render_xml(fields)
    query = {
        "signature": sign(config.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": fields["FromUserName"],
    }
    body = plain
    if config.mode != "plain":
        sealed = encrypt(plain, config.aes_key, config.app_id)
        query |= {"encrypt_type": "aes", "msg_signature": sign(config.token, timestamp, nonce, sealed)}
        shown = fields if config.mode == "compatible" else {"ToUserName": fields["ToUserName"]}
        body = render_xml({**shown, "Encrypt": sealed})
    return Letter(_with_query(config.webhook_url, query), body.encode(), plain, nonce, timestamp)


def verification_url(config: SandboxConfig, echo: str) -> str:
    """Return the address of the GET that proves the webhook is ours, with its echostr."""
    timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
    signature = sign(config.token, timestamp, nonce)
    query = {"signature": signature, "echostr": echo, "timestamp": timestamp, "nonce": nonce}
    return _with_query(config.webhook_url, query)


def _with_query(url: str, query: dict[str, Any]) -> str:
    return url + ("&" if "?" in url else "?") + urlencode(query)
