"""The calls: tag(..), any_tag(..), all_tags(..), has(..), empty(..), seen(..), sample(..), age(..), and the field `tag`."""

from __future__ import annotations

from collections.abc import Callable

from models.audience.conditions import find_field, find_meaning, make_has, read_test, read_word
from models.audience.errors import AudienceError, Code
from models.audience.fields import BUILT_IN, Field
from models.audience.nodes import And, Condition, Node, Not, Operator, Or, Sample, Seen, join
from models.audience.reader import Reader
from models.audience.tokens import Mark, Token
from models.audience.values import read_duration, read_share, read_value


def _open(reader: Reader) -> None:
    reader.take()
    reader.expect(Mark.OPEN)


def _take_argument(reader: Reader) -> Token:
    if reader.current.mark not in (Mark.RUN, Mark.STRING):
        raise reader.complain("a word")
    return reader.take()


def read_tag(reader: Reader) -> Node:
    """Read tag('养犬'), tag('pet.kind') or tag('pet.kind', '犬')."""
    _open(reader)
    token = _take_argument(reader)
    if reader.take_mark(Mark.COMMA):
        node: Node = _read_pair(reader, token, _take_argument(reader))
    else:
        node = _read_tag_word(reader, token)
    reader.expect(Mark.CLOSE)
    return node


def _read_pair(reader: Reader, name: Token, value: Token) -> Condition:
    field = find_field(reader, name)
    return Condition(field.name, Operator.EQUAL, (read_value(field, field.kind, value.text, value.position),))


def _read_tag_word(reader: Reader, token: Token) -> Node:
    key, sign, value = token.text.partition("=")
    if not sign:
        return read_word(reader, token)
    start = token.position + (1 if token.mark is Mark.STRING else 0)
    at = start + len(key) + 1
    return _read_pair(reader, Token(Mark.STRING, key.strip(), start), Token(Mark.STRING, value.strip(), at))


def _read_any(reader: Reader) -> Node:
    return join(Or, _read_tag_list(reader))


def _read_all(reader: Reader) -> Node:
    return join(And, _read_tag_list(reader))


def _read_tag_list(reader: Reader) -> list[Node]:
    _open(reader)
    items = [_read_tag_item(reader)]
    while reader.take_mark(Mark.COMMA):
        items.append(_read_tag_item(reader))
    reader.expect(Mark.CLOSE)
    return items


def _read_tag_item(reader: Reader) -> Node:
    is_field = reader.is_operator_next()
    token = _take_argument(reader)
    if not is_field:
        return _read_tag_word(reader, token)
    return read_test(reader, find_field(reader, token))


def _read_has(reader: Reader) -> Node:
    _open(reader)
    token = _take_argument(reader)
    node = make_has(find_field(reader, token), token)
    reader.expect(Mark.CLOSE)
    return node


def _read_empty(reader: Reader) -> Node:
    return Not(_read_has(reader))


def _read_seen(reader: Reader) -> Node:
    _open(reader)
    token = _take_argument(reader)
    days = read_duration(token.text, token.position)
    reader.expect(Mark.CLOSE)
    return Seen(days)


def _read_sample(reader: Reader) -> Node:
    _open(reader)
    token = _take_argument(reader)
    share = read_share(token.text, token.position)
    seed = _take_argument(reader).text if reader.take_mark(Mark.COMMA) else ""
    reader.expect(Mark.CLOSE)
    return Sample(share, seed)


def _read_age(reader: Reader) -> Node:
    _open(reader)
    token = _take_argument(reader)
    meaning = find_meaning(reader, token, is_field=True)
    if not isinstance(meaning, Field) or meaning.name != "birthday":
        raise AudienceError(Code.EXPECTED, token.position, "age is of a birthday", "birthday")
    reader.expect(Mark.CLOSE)
    return read_test(reader, BUILT_IN["age"])


def read_tag_test(reader: Reader) -> Node:
    """Read `标签 = 养犬`, `标签 != 养犬`, `标签 in (养犬, 有车)`."""
    reader.take()
    token = reader.current
    operator = reader.take_operator()
    if operator not in (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN):
        raise AudienceError(Code.EXPECTED, token.position, "=, != or in is expected after tag", "=")
    is_list = operator in (Operator.IN, Operator.NOT_IN) and reader.take_mark(Mark.OPEN)
    items = [_read_tag_word(reader, _take_tag_value(reader))]
    while is_list and reader.take_mark(Mark.COMMA):
        items.append(_read_tag_word(reader, _take_tag_value(reader)))
    if is_list:
        reader.expect(Mark.CLOSE)
    node = join(Or, items)
    return Not(node) if operator in (Operator.NOT_EQUAL, Operator.NOT_IN) else node


def _take_tag_value(reader: Reader) -> Token:
    return reader.take_text(lambda text: text in reader.lexicon.meanings)


CALLS: dict[str, Callable[[Reader], Node]] = {
    "tag": read_tag,
    "any_tag": _read_any,
    "all_tags": _read_all,
    "has": _read_has,
    "empty": _read_empty,
    "seen": _read_seen,
    "sample": _read_sample,
    "age": _read_age,
}
