"""The second factor: codes of an authenticator app (TOTP), its QR picture, and codes for the day the phone is lost. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import datetime

import pyotp
import segno

from console.passwords import LETTERS

STEP_SECONDS = 30
NEIGHBOURS = (0, -1, 1)  # a phone's clock may be half a minute off
ISSUER = "Guanjia"
RECOVERY_CODES = 10
GROUPS = 4  # of four letters: 79 bits, so a quick hash is enough


def make_secret() -> str:
    """Return a new secret: 160 bits in base 32."""
    return pyotp.random_base32()


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the step (30 s since 1970) whose code this is, None for a wrong one. Whether it was used is told elsewhere."""
    digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
    if not (digits.isascii() and digits.isdigit()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    steps = [current + each for each in NEIGHBOURS]
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), digits)), None)


def render_qr(secret: str, login: str) -> str:
    """Return the picture that an app scans, as a data: address of an SVG."""
    address = pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=login, issuer_name=ISSUER)
    return segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#2b2a27", light="#fff")


def render_key(secret: str) -> str:
    """Return a secret in groups of four, for typing."""
    return " ".join(re.findall(".{1,4}", secret))


def make_recovery_codes() -> list[str]:
    """Return ten codes that work once each."""
    return ["-".join(_group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES)]


def hash_recovery_code(code: str) -> str:
    """Return the hash of a recovery code, however it was typed."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).casefold()
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(4))
