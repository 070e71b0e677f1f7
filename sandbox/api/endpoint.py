"""What an endpoint of the server API is, and how its parameters are read. No endpoint lives here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from werkzeug.datastructures import FileStorage

from sandbox.errors import ApiError
from sandbox.world import World


@dataclass(frozen=True)
class Call:
    """One authorised call: its query, its JSON body, its uploaded file, and where this server is reached."""

    query: dict[str, str]
    body: dict[str, Any]
    media: FileStorage | None = None
    root: str = ""

    def text(self, key: str, errcode: int = 40035) -> str:
        """Return a required text of the body, or refuse with `errcode`."""
        value = self.body.get(key)
        if not isinstance(value, str) or not value:
            raise ApiError(errcode, f"{key} is required")
        return value

    def texts(self, key: str, most: int, errcode: int = 40032) -> list[str]:
        """Return a list of 1..most texts of the body, or refuse with `errcode`."""
        values = self.body.get(key)
        if not isinstance(values, list) or not 0 < len(values) <= most:
            raise ApiError(errcode)
        return [str(value) for value in values]


Answer = dict[str, Any] | Response


@dataclass(frozen=True)
class Endpoint:
    """A function behind a path: which method, whether a token is needed, and how often a day."""

    run: Callable[[World, Call], Answer | None]
    method: str = "POST"
    needs_token: bool = True
    daily: int = 0
    takes: str = field(default="json")
