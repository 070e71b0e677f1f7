"""Text of an expression -> signs, strings and runs of word characters. Knows no words, so it cuts no Chinese apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.audience.errors import AudienceError, Code

MAX_LENGTH = 10_000


class Mark(StrEnum):
    """What a token is."""

    RUN = "run"
    STRING = "string"
    SIGN = "sign"
    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; `text` of a run has its full-width letters made narrow, `position` counts from 0."""

    mark: Mark
    text: str
    position: int


_QUOTES = {"'": "'", '"': '"', "“": "“”", "”": "“”", "‘": "‘’", "’": "‘’", "「": "」", "『": "』"}
_SIGNS = ("==", "!=", "<>", "<=", ">=", "^=", "=", "<", ">", "~", ":", "≤", "≥", "≠")
_SAME = {"==": "=", ":": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">="}
_MARKS = {"(": Mark.OPEN, ")": Mark.CLOSE, ",": Mark.COMMA, "、": Mark.COMMA}
_STARTS = {sign[0] for sign in _SIGNS} | set(_MARKS) | set(_QUOTES) | {"!", "^"}


def tokenize(source: str) -> list[Token]:
    """Return the tokens, an END last. Raises AudienceError: too_long, or expected for a character that cannot be."""
    if len(source) > MAX_LENGTH:
        raise AudienceError(Code.TOO_LONG, MAX_LENGTH, f"at most {MAX_LENGTH} characters")
    _refuse_unprintable(source)
    narrow = "".join(_narrow(character) for character in source)
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        if source[at].isspace():
            at += 1
            continue
        token, at = _take(source, narrow, at)
        tokens.append(token)
    return [*tokens, Token(Mark.END, "", len(source.rstrip()))]


def _take(source: str, narrow: str, at: int) -> tuple[Token, int]:
    if source[at] in _QUOTES or narrow[at] in _QUOTES:
        return _take_string(source, narrow, at)
    if narrow[at] in _MARKS:
        return Token(_MARKS[narrow[at]], narrow[at], at), at + 1
    sign = next((sign for sign in _SIGNS if narrow.startswith(sign, at)), None)
    if sign is not None:
        return Token(Mark.SIGN, _SAME.get(sign, sign), at), at + len(sign)
    if narrow[at] in _STARTS:
        raise AudienceError(Code.EXPECTED, at, f"'{source[at]}' does not belong here")
    end = at
    while end < len(narrow) and narrow[end] not in _STARTS and not narrow[end].isspace():
        end += 1
    return Token(Mark.RUN, narrow[at:end], at), end


def _take_string(source: str, narrow: str, at: int) -> tuple[Token, int]:
    opening = source[at] if source[at] in _QUOTES else narrow[at]
    closing = _QUOTES[opening]
    text: list[str] = []
    end = at + 1
    while end < len(source):
        is_quote = source[end] in closing or narrow[end] in closing
        if is_quote and source[end : end + 2] != source[end] * 2:
            return Token(Mark.STRING, "".join(text), at), end + 1
        end += 1 if is_quote else 0  # a doubled quote stands for one
        text.append(source[end])
        end += 1
    raise AudienceError(Code.EXPECTED, at, "this quotation is not closed", closing[-1])


def _narrow(character: str) -> str:
    return chr(ord(character) - 0xFEE0) if "！" <= character <= "～" else character


def _refuse_unprintable(source: str) -> None:
    for at, character in enumerate(source):
        if (character < " " and character not in "\t\r\n") or "\ud800" <= character <= "\udfff":
            raise AudienceError(Code.EXPECTED, at, "this character cannot be used")
