"""One condition: a word of the vocabulary, or a field with an operator and values."""

from __future__ import annotations

from datetime import date

from models.audience.errors import AudienceError, Code, suggest
from models.audience.fields import Field, Kind, list_operators
from models.audience.nodes import Condition, Node, Operator, Value
from models.audience.reader import Reader
from models.audience.single import ask_tag_value
from models.audience.tokens import Mark, Token
from models.audience.values import choose_kind, read_value
from models.audience.words import AND, BETWEEN, FUNCTIONS, OR, Forbidden, Meaning, starts_with_any


def read_condition(reader: Reader) -> Node:
    """Read what starts with a word: the word itself, or a test of the field it names."""
    token = reader.current
    if token.text not in reader.lexicon.meanings:
        prefix = reader.lexicon.find_prefix(token.text)
        if prefix and prefix != token.text:
            reader.cut(len(prefix))
    is_field = reader.is_operator_next()
    meaning = find_meaning(reader, reader.take(), is_field=is_field)
    return read_test(reader, meaning) if isinstance(meaning, Field) else meaning


def find_meaning(reader: Reader, token: Token, *, is_field: bool) -> Field | Node:
    """Return what a word means. Raises forbidden_field, unknown_field or unknown_word."""
    meaning: Meaning | None = reader.lexicon.find(token.text)
    if isinstance(meaning, Forbidden):
        raise AudienceError(Code.FORBIDDEN_FIELD, token.position, f"'{token.text}' must not choose people")
    if meaning is not None:
        return meaning
    code = Code.UNKNOWN_FIELD if is_field else Code.UNKNOWN_WORD
    tags = reader.lexicon.vocabulary.find_tags(token.text)
    if tags:
        near = " or ".join(f"{key} = '{value}'" for key, value in tags)
        raise AudienceError(code, token.position, f"'{token.text}' may mean several things", near)
    word = _cut_at_connective(token.text)
    near = suggest(word, [*reader.lexicon.meanings, *FUNCTIONS])
    raise AudienceError(code, token.position, f"'{word}' is not known", near)


def read_word(reader: Reader, token: Token) -> Node:
    """Return the condition a whole word stands for; the name of a field stands for having any value."""
    meaning = find_meaning(reader, token, is_field=False)
    return make_has(meaning, token) if isinstance(meaning, Field) else meaning


def find_field(reader: Reader, token: Token) -> Field:
    """Return the field a word names. Raises unknown_field."""
    meaning = find_meaning(reader, token, is_field=True)
    if not isinstance(meaning, Field):
        raise AudienceError(Code.UNKNOWN_FIELD, token.position, f"'{token.text}' is a condition, not a field")
    return meaning


def make_has(field: Field, token: Token) -> Condition:
    """Return the test that a field has a value."""
    if Operator.HAS not in list_operators(field):
        raise AudienceError(Code.EXPECTED, token.position, f"{field.name} always has a value")
    return Condition(field.name, Operator.HAS)


def read_test(reader: Reader, field: Field) -> Condition:
    """Read operator and values of a field. A truth needs neither."""
    token = reader.current
    operator = reader.take_operator()
    if operator is None:
        if field.kind is Kind.BOOLEAN:
            return Condition(field.name, Operator.EQUAL, (True,))
        raise reader.complain(f"an operator after {field.name}", "=")
    if operator not in list_operators(field):
        usable = " ".join(sorted(list_operators(field) - {Operator.HAS}))
        raise AudienceError(Code.EXPECTED, token.position, f"{field.name} cannot be asked with {operator}", usable)
    values = _read_values(reader, field, operator)
    if field.kind is Kind.BOOLEAN and operator is Operator.NOT_EQUAL:
        return Condition(field.name, Operator.EQUAL, (not values[0],))
    test = Condition(field.name, operator, values)
    return _unfold(field, test, token) if field.is_sealed else test


def _unfold(field: Field, test: Condition, token: Token) -> Condition:
    """Return the same test as one for equality: nothing else can be asked of sealed values (D06).

    Orders and parts of texts are asked of the vocabulary's values here. Raises sealed_field where a key has no list of
    values, unknown_value when none of them passes.
    """
    if field.kind is not Kind.CHOICE:
        raise AudienceError(
            Code.SEALED_FIELD, token.position, f"{field.name} is sealed: only has() can be asked", f"has({field.name})"
        )
    if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN):
        return test
    passing = tuple(value for value in dict.fromkeys(field.choices.values()) if ask_tag_value(test, value, date.min))
    if not passing:
        raise AudienceError(
            Code.UNKNOWN_VALUE, token.position, f"no value of {field.name} is like that", ", ".join(field.choices)
        )
    return Condition(field.name, Operator.IN, passing)


def _read_values(reader: Reader, field: Field, operator: Operator) -> tuple[Value, ...]:
    if operator is Operator.BETWEEN:
        low = _read_one(reader, field, operator, BETWEEN)
        if not reader.take_word(BETWEEN):
            raise reader.complain("and", "and")
        return low, _read_one(reader, field, operator)
    is_list = operator in (Operator.IN, Operator.NOT_IN) and reader.take_mark(Mark.OPEN)
    values = [_read_one(reader, field, operator)]
    while is_list and reader.take_mark(Mark.COMMA):
        values.append(_read_one(reader, field, operator))
    if is_list:
        reader.expect(Mark.CLOSE)
    return tuple(values)


def _read_one(reader: Reader, field: Field, operator: Operator, ends: tuple[str, ...] = ()) -> Value:
    kind = choose_kind(field, operator)
    is_free = kind is Kind.TEXT

    def is_value(text: str) -> bool:
        try:
            read_value(field, kind, text, 0)
        except AudienceError:
            return False
        return True

    token = reader.take_text(None if is_free else is_value, ends)
    return read_value(field, kind, token.text, token.position)


def _cut_at_connective(text: str) -> str:
    length = next((at for at in range(1, len(text)) if starts_with_any(text[at:], AND + OR)), len(text))
    return text[:length]
