"""Signed addresses of the copies people asked for, and the door that gives them out while they are good (D13).

The address is the key: it names a random file, the instant it ends, and a signature over both. No listing, no cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, abort

PATH = "/files/"
TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json"}
_NAME = re.compile(r"[A-Za-z0-9_-]{20,64}\.(?:html|json)")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


class FileLinks:
    """Makes the addresses and reads them back. `secret` is the one of the web pages, the same on every machine."""

    def __init__(self, public_url: str, secret: str) -> None:
        self._base = public_url.rstrip("/")
        self._secret = hashlib.sha256(f"files:{secret}".encode()).digest()

    def link(self, name: str, until: datetime) -> str:
        """Return the address of a file, good until an instant."""
        ends = int(until.timestamp())
        return f"{self._base}{PATH}{ends}.{self._sign(name, ends)}/{name}"

    def is_good(self, token: str, name: str, now: float) -> bool:
        """Tell whether a token belongs to the file and has not ended."""
        ends, _, signature = token.partition(".")
        if not ends.isascii() or not ends.isdigit() or len(ends) > 12 or int(ends) < now:
            return False
        return hmac.compare_digest(signature.encode(), self._sign(name, int(ends)).encode())

    def _sign(self, name: str, ends: int) -> str:
        return hmac.new(self._secret, f"{ends}/{name}".encode(), hashlib.sha256).hexdigest()[:40]


def build_door(links: FileLinks, folder: Path, now: Callable[[], float] = time.time) -> Blueprint:
    """Return the routes under /files/: the file, or 404 for everything that is wrong, ended or gone."""
    door = Blueprint("files", __name__)

    @door.get(f"{PATH}<token>/<name>")
    def give(token: str, name: str) -> Response:
        if not _NAME.fullmatch(name) or not links.is_good(token, name, now()):
            abort(404)
        path = folder / name
        if not path.is_file():
            abort(404)
        headers = _HEADERS | ({"Content-Disposition": f'attachment; filename="{name}"'} if path.suffix == ".json" else {})
        return Response(path.read_bytes(), headers=headers, content_type=TYPES[path.suffix])

    return door
