"""Secrets that nobody gave: made once, kept in the data folder for this user alone, the same for every process.

Never logged, never shown; only the staff login is printed, by the supervisor.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets as source
import string
from dataclasses import asdict, dataclass, fields
from pathlib import Path

FILE_NAME = "secrets.json"
LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What a sandbox account and the web pages need."""

    account: str
    app_id: str
    app_secret: str
    token: str
    aes_key: str
    session_secret: str
    staff_login: str
    staff_password: str
    seal_key: str


LATER = ("seal_key",)  # what a file of an earlier version does not have yet


def load_secrets(data_dir: Path) -> Secrets:
    """Return the data folder's secrets, made (file mode 0600) where they are missing.

    Two processes that start at once get the same ones. Raises OSError when the folder cannot be written, ValueError
    when the file is damaged.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / FILE_NAME
    kept = _read(path)
    if kept is not None:
        return kept
    with (data_dir / f".{FILE_NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read(path)
        if kept is None:
            kept = _complete(path)
            _write(path, kept)
    return kept


def generate_secrets() -> Secrets:
    """Make a set from the system's randomness, in the shapes that the platform uses."""
    return Secrets(
        account=f"gh_{source.token_hex(6)}",
        app_id=f"wx{source.token_hex(8)}",
        app_secret=source.token_hex(16),
        token=_letters(24),
        aes_key=_letters(43),
        session_secret=source.token_urlsafe(48),
        staff_login="admin",
        staff_password=_letters(14),
        seal_key=_letters(43),
    )


def _complete(path: Path) -> Secrets:
    """Return a new set; what a file of an earlier version has already stays as it is."""
    made = asdict(generate_secrets())
    return Secrets(**made | json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Secrets(**made)


def _letters(length: int) -> str:
    return "".join(source.choice(LETTERS) for _ in range(length))


def _read(path: Path) -> Secrets | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if {each.name for each in fields(Secrets)} - set(kept) == set(LATER):
            return None
        return Secrets(**{each.name: str(kept[each.name]) for each in fields(Secrets)})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("is damaged; put the old file back, or delete it to get new secrets") from error


def _write(path: Path, secrets: Secrets) -> None:
    """Write beside and rename, so that a crash never leaves half a file."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(secrets), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
