"""The cipher of what is sealed at rest (D06, D17): AES-GCM by keys that never enter the database.

The nonce is a keyed digest (HMAC) of what is sealed. So the same value of the same topic is always the same cipher text: a
sealed tag can be searched for and counted without being opened, and no nonce ever serves two texts. Texts are padded: a
length would tell 要提醒 from 不要.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.sealing import MARK

NONCE_BYTES = 12
BLOCK_BYTES = 32
REMEMBERED = 2_000  # the values of a vocabulary are few and read again and again


class _Key:
    """One key: what is derived from it, and the short name it goes by in sealed texts."""

    def __init__(self, secret: str) -> None:
        self.name = _derive(secret, "name").hex()[:6]
        self.digest = _derive(secret, "nonce")
        self.aes = AESGCM(_derive(secret, "cipher"))


def _derive(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"guanjia sealing: {purpose}".encode(), hashlib.sha256)


class SealingCipher:
    """Seals with the current key; opens what the one before it sealed as well."""

    def __init__(self, key: str, previous: str = "") -> None:
        self._current = _Key(key)
        older = [_Key(previous)] if previous and previous != key else []
        self._keys = {each.name: each for each in (*older, self._current)}
        self._opened: dict[str, tuple[str, str]] = {}

    def seal(self, text: str, topic: str) -> str:
        """Return the text sealed under its topic."""
        plain = f"{topic}\0{str.__str__(text)}".encode() + b"\x01"
        plain += bytes(-len(plain) % BLOCK_BYTES)
        key = self._current
        nonce = hmac.digest(key.digest, plain, hashlib.sha256)[:NONCE_BYTES]
        packed = base64.urlsafe_b64encode(nonce + key.aes.encrypt(nonce, plain, None)).decode()
        return f"{MARK}{key.name}.{packed}"

    def open(self, sealed: str) -> tuple[str, str]:
        """Return text and topic. Raises ValueError when the key is not ours or the text was changed."""
        found = self._opened.get(sealed)
        if found is None:
            found = self._open(sealed)
            if len(self._opened) >= REMEMBERED:
                self._opened.clear()
            if len(sealed) < 200:  # a tag's value, not a conversation
                self._opened[sealed] = found
        return found

    def _open(self, sealed: str) -> tuple[str, str]:
        name, _, packed = sealed.removeprefix(MARK).partition(".")
        key = self._keys.get(name)
        if key is None:
            raise ValueError(
                f"no sealing key of ours opens what key {name} has sealed; give the key before, or the old one back"
            )
        try:
            raw = base64.urlsafe_b64decode(packed)
            plain = key.aes.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise ValueError(f"something sealed with key {name} was changed from outside") from error
        topic, _, text = plain.rstrip(b"\0")[:-1].decode().partition("\0")
        return text, topic

    def is_current(self, sealed: str) -> bool:
        """Tell whether the newest key sealed it."""
        return sealed.startswith(f"{MARK}{self._current.name}.")
