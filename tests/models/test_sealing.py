"""What is of level 2 is sealed in the rows and still found by equality; keys change, and nothing is read without one."""

from __future__ import annotations

import pytest
from sqlalchemy import String, cast, select, text
from sqlalchemy.exc import StatementError

from bot.sealing import SealingCipher
from models.audience.errors import AudienceError
from models.audience.nodes import Condition
from models.audience.parse import parse_audience
from models.database import Database
from models.sealing import MARK, NoCipherError, Secret
from models.tags import Tag, get_or_create_tag
from models.vocabulary import parse_vocabulary

OLD, NEW = "the key of last year, thirty-two long", "the key of this year, thirty-two long"


def test_the_same_value_is_sealed_alike_and_its_length_and_key_tell_nothing() -> None:
    cipher = SealingCipher(NEW)
    asked, not_asked = (cipher.seal(value, "health.season") for value in ("要提醒", "不要"))
    assert asked == cipher.seal("要提醒", "health.season") != cipher.seal("要提醒", "child.class")
    assert len(asked) == len(not_asked)
    assert cipher.open(asked) == ("要提醒", "health.season")


def test_the_key_before_still_opens_and_a_foreign_one_or_a_changed_text_does_not() -> None:
    sealed = SealingCipher(OLD).seal("半护", "health.care")
    rotated = SealingCipher(NEW, OLD)
    assert rotated.open(sealed) == ("半护", "health.care")
    assert not rotated.is_current(sealed)
    for spoiled, cipher in ((sealed, SealingCipher(NEW)), (sealed[:-6] + "AAAAA=", rotated)):
        with pytest.raises(ValueError, match="key"):
            cipher.open(spoiled)


def test_a_secret_value_stands_sealed_in_the_row_has_no_number_and_comes_back_secret(database: Database) -> None:
    with database.transaction() as tx:
        first = get_or_create_tag(tx.connection, "child.stage", Secret("0-3", "child.stage"))
        assert get_or_create_tag(tx.connection, "child.stage", Secret("0-3", "child.stage")) == first
        plain = get_or_create_tag(tx.connection, "pet.kind", f"{MARK}x.AAAA")  # nobody makes us open what is not ours
        stored = dict(tx.connection.execute(text("SELECT id, value FROM tag")).all())
        assert stored[first].startswith(MARK)
        assert stored[plain] != f"{MARK}x.AAAA"
        read = tx.session.get_one(Tag, first)
        assert (read.value, type(read.value), read.number) == ("0-3", Secret, None)
        assert tx.session.get_one(Tag, plain).value == f"{MARK}x.AAAA"


def test_without_a_cipher_nothing_secret_is_written_or_read(database: Database) -> None:
    with database.transaction() as tx:
        get_or_create_tag(tx.connection, "child.stage", Secret("小", "child.stage"))
    blind = Database(database.url)
    with blind.reading() as tx:
        assert tx.session.scalar(select(cast(Tag.value, String))).startswith(MARK)
        with pytest.raises(NoCipherError):
            tx.session.scalars(select(Tag.value)).all()
    with blind.transaction() as tx, pytest.raises(StatementError, match="without a cipher") as refused:
        get_or_create_tag(tx.connection, "child.stage", Secret("初", "child.stage"))
    blind.close()
    assert "初" not in str(refused.value)


def test_of_a_sealed_key_only_listed_values_can_be_asked_for() -> None:
    tag = {"label": "照应", "level": 2, "purpose": "health"}
    listed, free = {**tag, "kind": "choice", "values": ["1级", "2级"]}, {**tag, "label": "叮嘱", "kind": "text"}
    vocabulary = parse_vocabulary({"tags": {"a.care": listed, "a.note": free}})
    for expression, meant in (("a.care >= 2", ("2级",)), ("a.care 包含 级", ("1级", "2级")), ("a.care != 1级", ("1级",))):
        test = parse_audience(expression, vocabulary).node
        assert isinstance(test, Condition)
        assert (test.values, {type(value) for value in test.values}) == (meant, {Secret})
    assert parse_audience("has(a.note)", vocabulary)
    for expression, code in (("a.note = 怕冷", "sealed_field"), ("a.care >= 3", "unknown_value")):
        with pytest.raises(AudienceError, match=code):
            parse_audience(expression, vocabulary)
