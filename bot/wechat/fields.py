"""Reads an XML body of the webhook into nested mappings. Hot path: no I/O, no logging, no recursion.

Expat is used directly, in place of wechatpy's parse_message: half its time, one typed error in place of its seven, and
fields that it does not know (bizmsgmenuid, the subscribe_msg events, file messages). A document type, an entity, deep
nesting and a repeated field are refused, so nothing can be expanded, fetched or smuggled in twice.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from handlers.errors import AppError

Node = dict[str, "str | Node | list[str | Node]"]

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 8
_MAX_NODES = 2_000
_REPEATABLE = frozenset({"List", "item"})  # the platform's names for the members of a list
# As the platform writes a message: one field after another, in CDATA or a number, no character that XML has a view on.
_FIELD = re.compile(r"<([A-Za-z]\w*)>(?:<!\[CDATA\[([^\]\0-\x08\x0b-\x1f\ufffe\uffff]*)\]\]>|([0-9]+))</\1>[ \t\n]*", re.ASCII)
_HEAD, _TAIL = re.compile(r"<xml>[ \t\n]*"), "</xml>"


class BadMessageError(AppError):
    """The XML is not a message of the platform; its text names the fault and never quotes the message."""


class _Reader:
    """Builds nested mappings from expat's events; raises BadMessageError at the first thing that is not ours."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[tuple[str, Node]] = []
        self._text: list[str] = []
        self._nodes = 0

    def start(self, name: str, _attributes: object) -> None:
        self._nodes += 1
        if not self._open and name != "xml":
            raise BadMessageError("the root is not <xml>")
        if len(self._open) >= _MAX_DEPTH or self._nodes > _MAX_NODES:
            raise BadMessageError("nested too deep or too many elements")
        self._open.append((name, {}))
        self._text = []

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        _, children = self._open.pop()
        value = children or "".join(self._text)
        self._text = []
        if not self._open:
            self.root = children
            return
        siblings = self._open[-1][1]
        if name in _REPEATABLE:
            members = siblings.setdefault(name, [])
            members.append(value)  # type: ignore[union-attr]
        elif name in siblings:
            raise BadMessageError("a field comes twice")
        else:
            siblings[name] = value

    def refuse(self, *_: object) -> None:
        raise BadMessageError("a document type is not allowed")


def read_fields(xml: bytes) -> Node:
    """Return the fields under the root; `List` and `item` are always lists. Raise BadMessageError for anything odd."""
    if not xml or len(xml) > MAX_BYTES:
        raise BadMessageError("the body is empty or too large")
    return _read_flat(xml) or _parse(xml)


def _parse(xml: bytes) -> Node:
    reader = _Reader()
    # The encoding is forced: the platform speaks UTF-8, and a declaration must not make expat look for others.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise BadMessageError("the body is not well-formed XML") from None
    if not reader.root:
        raise BadMessageError("the body has no fields")
    return reader.root


def _read_flat(xml: bytes) -> Node | None:
    """Return the fields of a body in the platform's own plain form, None for any other: expat, at several times the cost."""
    try:
        text = xml.decode()
    except UnicodeDecodeError:
        return None
    head = _HEAD.match(text)
    if head is None or not text.endswith(_TAIL):
        return None
    fields: Node = {}
    at, end = head.end(), len(text) - len(_TAIL)
    while at < end and (found := _FIELD.match(text, at, end)):
        name, words, digits = found.groups()
        if name in fields or name in _REPEATABLE:
            return None
        fields[name] = digits if words is None else words
        at = found.end()
    return fields if at == end and 0 < len(fields) < _MAX_NODES else None


def read_encrypted(xml: bytes) -> str | None:
    """Return the Encrypt value of a body, None when it has none (plain mode); raise BadMessageError.

    Nothing else of an encrypted body may be believed: no signature covers the plain fields beside it (A2).
    """
    value = read_fields(xml).get("Encrypt")
    if value is not None and not isinstance(value, str):
        raise BadMessageError("Encrypt is not a text")
    return value or None
