"""The grammar: text -> Audience. Never raises anything but AudienceError, and never looks at data."""

from __future__ import annotations

from models.audience.calls import CALLS, read_tag_test
from models.audience.conditions import read_condition, read_word
from models.audience.nodes import And, Audience, Node, Not, Or, join
from models.audience.reader import Reader
from models.audience.tokens import Mark
from models.audience.words import AND, NOT, OR, TAG_FIELD, get_lexicon, starts_with_any
from models.vocabulary import Vocabulary


def parse_audience(text: str, vocabulary: Vocabulary) -> Audience:
    """Read an expression. Raises AudienceError with a code, a position and where possible a suggestion."""
    reader = Reader(text, get_lexicon(vocabulary))
    node = _read_or(reader)
    if reader.current.mark is not Mark.END:
        raise reader.complain("and, or, or the end", "and")
    return Audience(text, node)


def _read_or(reader: Reader) -> Node:
    items = [_read_and(reader)]
    while reader.take_word(OR):
        items.append(_read_and(reader))
    return join(Or, items)


def _read_and(reader: Reader) -> Node:
    items = [_read_unary(reader)]
    while reader.take_word(AND):
        items.append(_read_unary(reader))
    return join(And, items)


def _read_unary(reader: Reader) -> Node:
    if _is_negated(reader):
        with reader.deeper():
            reader.take_word(NOT)
            return Not(_read_unary(reader))
    if reader.take_mark(Mark.OPEN):
        with reader.deeper():
            node = _read_or(reader)
            reader.expect(Mark.CLOSE)
            return node
    return _read_leaf(reader)


def _is_negated(reader: Reader) -> bool:
    token = reader.current
    if token.mark is not Mark.RUN:
        return False
    if token.text.lower() in NOT:
        return True
    is_known = token.text in reader.lexicon.meanings or bool(reader.lexicon.find_prefix(token.text))
    return bool(starts_with_any(token.text, NOT)) and not is_known


def _read_leaf(reader: Reader) -> Node:
    token = reader.current
    word = token.text.lower()
    if token.mark is Mark.STRING:
        node = read_word(reader, reader.take())
    elif token.mark is not Mark.RUN:
        raise reader.complain("a condition")
    elif word in CALLS and reader.following.mark is Mark.OPEN:
        with reader.deeper():
            node = CALLS[word](reader)
    elif word in TAG_FIELD:
        node = read_tag_test(reader)
    else:
        node = read_condition(reader)
    return reader.count(node, token.position)
