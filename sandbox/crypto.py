"""Signatures and the platform's message encryption, written apart from the bot's so that each checks the other.

It must not parse messages or know about HTTP.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class CryptoError(ValueError):
    """A signature, key, padding or AppID that does not fit; `code` is WXBizMsgCrypt's number."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


def sign(*parts: str) -> str:
    """Return the hex SHA-1 of the sorted parts: (token, timestamp, nonce) or those three and the Encrypt text."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def check(signature: str, *parts: str) -> None:
    """Raise CryptoError -40001 unless the signature is that of the parts."""
    if not hmac.compare_digest(signature.encode(), sign(*parts).encode()):
        raise CryptoError(-40001, "signature does not match")


def decode_key(aes_key: str) -> bytes:
    """Return the 32 key bytes of a 43-character EncodingAESKey; CryptoError -40004 otherwise."""
    try:
        key = base64.b64decode(aes_key + "=", validate=True)
    except binascii.Error as error:
        raise CryptoError(-40004, "EncodingAESKey is not base64") from error
    if len(aes_key) != 43 or len(key) != 32:
        raise CryptoError(-40004, "EncodingAESKey must have 43 characters")
    return key


def encrypt(text: str, aes_key: str, app_id: str, salt: bytes | None = None) -> str:
    """Encrypt one XML text into the base64 of `Encrypt`: 16 random bytes, length, text, AppID, padded to 32."""
    key = decode_key(aes_key)
    body = text.encode()
    plain = (salt or secrets.token_bytes(16)) + struct.pack(">I", len(body)) + body + app_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(sealed: str, aes_key: str, app_id: str) -> str:
    """Return the XML text inside `Encrypt`; CryptoError when padding, length or AppID do not fit."""
    key = decode_key(aes_key)
    try:
        raw = base64.b64decode(sealed, validate=True)
    except binascii.Error as error:
        raise CryptoError(-40010, "Encrypt is not base64") from error
    if not raw or len(raw) % 16:
        raise CryptoError(-40007, "the sealed text is not whole blocks")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    return _open(decryptor.update(raw) + decryptor.finalize(), app_id)


def _open(plain: bytes, app_id: str) -> str:
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad or len(plain) - pad < 20:
        raise CryptoError(-40007, "padding does not fit")
    content = plain[16:-pad]
    size = struct.unpack(">I", content[:4])[0]
    if content[4 + size :] != app_id.encode():
        raise CryptoError(-40005, "another AppID")
    try:
        return content[4 : 4 + size].decode()
    except UnicodeDecodeError as error:
        raise CryptoError(-40008, "not UTF-8") from error
