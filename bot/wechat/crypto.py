"""Signatures and the encrypted envelope of the webhook. Hot path: no I/O, no logging, ciphers built once per key.

`cryptography` is used directly: wechatpy's classes build key schedules anew for every message, leave malformed input as
five kinds of bare exceptions, do not check the padding and take their random bytes from `random`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.wechat.account import Account
from handlers.errors import AppError, InvalidInputError

_BLOCK = 32  # the platform pads to 32, although AES works in 16
_HEAD = 20  # 16 random bytes, 4 bytes of length
_KEY_FORM = re.compile(r"[A-Za-z0-9+/]{43}\Z")

CURRENT, PREVIOUS = "current", "previous"


class BadEnvelopeError(AppError):
    """The envelope cannot be opened. `reason` is `malformed` or `app_id` (another account's); never tell the sender."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"envelope refused: {reason}")
        self.reason = reason


def sign(*parts: str) -> str:
    """Return the platform's signature: SHA-1 over the sorted parts, in hex."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def verify_signature(token: str, signature: str, timestamp: str, nonce: str, *more: str) -> bool:
    """Tell whether `signature` is ours, in constant time; with the Encrypt value in `more` it is the msg_signature.

    False when anything is empty: an empty token would make the signature of nothing valid for everyone.
    """
    parts = (token, timestamp, nonce, *more)
    if not signature or not all(parts):
        return False
    return hmac.compare_digest(sign(*parts).encode(), signature.encode("utf-8", "replace"))


class Envelope:
    """Opens and seals messages with the account's current and previous AES keys."""

    def __init__(self, aes_key: str, app_id: str, aes_key_previous: str = "") -> None:
        """Take the 43-character keys; raise InvalidInputError for one of another form."""
        self._app_id = app_id.encode()
        self._ciphers = {CURRENT: _cipher(aes_key)}
        if aes_key_previous:
            self._ciphers[PREVIOUS] = _cipher(aes_key_previous)

    @classmethod
    def of(cls, account: Account) -> Envelope:
        """Build the envelope of an account."""
        return cls(account.aes_key, account.app_id, account.aes_key_previous)

    def open(self, encrypt: str) -> tuple[bytes, str]:
        """Return the XML inside and which key opened it (`current` or `previous`); raise BadEnvelopeError."""
        try:
            sealed = base64.b64decode(encrypt, validate=True)
        except (binascii.Error, ValueError):
            raise BadEnvelopeError("malformed") from None
        if len(sealed) < _BLOCK or len(sealed) % 16:
            raise BadEnvelopeError("malformed")
        reason = "malformed"
        for name, cipher in self._ciphers.items():
            try:
                return self._unpack(_run(cipher.decryptor(), sealed)), name
            except BadEnvelopeError as error:
                reason = error.reason if error.reason == "app_id" else reason
        raise BadEnvelopeError(reason)

    def seal(self, xml: str, key_used: str, timestamp: str | int, nonce: str, token: str) -> str:
        """Return the encrypted reply, sealed with the key that opened the message and signed for `timestamp`."""
        body = xml.encode("utf-8", "replace")
        plain = b"".join((secrets.token_bytes(16), len(body).to_bytes(4, "big"), body, self._app_id))
        padding = _BLOCK - len(plain) % _BLOCK
        sealed = _run(self._ciphers[key_used].encryptor(), plain + bytes((padding,)) * padding)
        encrypt = base64.b64encode(sealed).decode("ascii")
        stamp, nonce = str(timestamp), nonce.replace("]]>", "")
        return (
            f"<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{sign(token, stamp, nonce, encrypt)}]]></MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def _unpack(self, plain: bytes) -> bytes:
        padding = plain[-1]
        if not 1 <= padding <= _BLOCK or not plain.endswith(bytes((padding,)) * padding):
            raise BadEnvelopeError("malformed")
        end = _HEAD + int.from_bytes(plain[16:_HEAD], "big")
        app_id = plain[end : len(plain) - padding]
        if end > len(plain) - padding or not app_id:
            raise BadEnvelopeError("malformed")
        if not hmac.compare_digest(app_id, self._app_id):
            raise BadEnvelopeError("app_id")
        return plain[_HEAD:end]


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    """Build the cipher of one EncodingAESKey; its first 16 bytes are the platform's fixed IV."""
    if not _KEY_FORM.match(aes_key):
        raise InvalidInputError("The AES key must be 43 letters and digits, as the account's console shows it")
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _run(context: object, data: bytes) -> bytes:
    return context.update(data) + context.finalize()  # type: ignore[attr-defined, no-any-return]
