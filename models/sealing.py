"""What is sealed at rest (D06): words that know they are secret, and columns that keep such words only as cipher text.

A word is marked where it is born (the vocabulary, a sensitive answer) and stays marked when it is read back, so whoever
copies it from one table to another needs to know nothing. Makes no ciphers: a `Cipher` is given to the Database.
"""

from __future__ import annotations

import json
from typing import Any, Protocol, Self

from sqlalchemy import Dialect, Text, TypeDecorator

from models.base import Json, write_json

MARK = "s1."  # begins whatever is sealed; a plain text that begins with it is sealed too, so nobody can counterfeit it
CIPHER = "guanjia_cipher"  # by what name a dialect holds its own


class Secret(str):
    """A text that is never kept in the clear. The same text under another `topic` is sealed to something else."""

    topic: str

    def __new__(cls, text: str, topic: str = "") -> Self:
        """Mark a text."""
        made = super().__new__(cls, text)
        made.topic = topic
        return made

    def __repr__(self) -> str:
        """Tell nothing: logs and errors show parameters like this."""
        return "<secret>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the mark in copies."""
        return Secret, (str.__str__(self), self.topic)

    def __str__(self) -> str:
        """Stay marked where a text is asked for."""
        return self


class SecretRows(list[Any]):
    """A list for a JSON column that is sealed as a whole."""


class SecretMap(dict[str, Any]):
    """A mapping for a JSON column that is sealed as a whole."""


class Cipher(Protocol):
    """What seals: the same text of a topic always to the same, so that sealed values can be compared and counted."""

    def seal(self, text: str, topic: str) -> str:
        """Return a text sealed; it begins with MARK."""
        ...

    def open(self, sealed: str) -> tuple[str, str]:
        """Return text and topic. Raises ValueError when no key of ours opens it."""
        ...

    def is_current(self, sealed: str) -> bool:
        """Tell whether it was sealed with the newest key."""
        ...


class NoCipherError(RuntimeError):
    """Something secret was to be written or read where nobody gave the Database a cipher."""


def use_cipher(dialect: Dialect, cipher: Cipher | None) -> None:
    """Give an engine's dialect the cipher of its columns."""
    setattr(dialect, CIPHER, cipher)


def get_cipher(dialect: Dialect) -> Cipher:
    """Return an engine's cipher. Raises NoCipherError: nothing secret is ever written in the clear instead."""
    cipher: Cipher | None = getattr(dialect, CIPHER, None)
    if cipher is None:
        raise NoCipherError("this database was opened without a cipher")
    return cipher


def hide(is_secret: bool, text: str, topic: str = "") -> str:
    """Return the text, marked where it is secret."""
    return Secret(text, topic) if is_secret and not isinstance(text, Secret) else text


class Sealed(TypeDecorator[str]):
    """A text column: what is marked Secret is sealed, everything else kept as it is; `topic` seals whatever is written."""

    impl = Text
    cache_ok = True

    def __init__(self, topic: str = "") -> None:
        super().__init__()
        self.topic = topic

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal what is secret."""
        if value is None:
            return None
        if isinstance(value, Secret):
            return get_cipher(dialect).seal(value, value.topic)
        if self.topic or value.startswith(MARK):
            return get_cipher(dialect).seal(value, self.topic)
        return value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open what is sealed; it comes back marked."""
        if value is None or not value.startswith(MARK):
            return value
        return Secret(*get_cipher(dialect).open(value))


class SealedJson(TypeDecorator[Any]):
    """A JSON column: SecretRows and SecretMap are kept as one sealed text, anything else as it is."""

    impl = Json
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Seal what is secret."""
        if isinstance(value, SecretRows | SecretMap):
            return {MARK: get_cipher(dialect).seal(write_json(value), "json")}
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Open what is sealed; it comes back marked."""
        if not isinstance(value, dict) or MARK not in value:
            return value
        found = json.loads(get_cipher(dialect).open(value[MARK])[0])
        return SecretRows(found) if isinstance(found, list) else SecretMap(found)
