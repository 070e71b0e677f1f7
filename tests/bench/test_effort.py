"""How much an owner must say is a promise: a repair in four messages from one full sentence, no service in more than nine."""

from __future__ import annotations

import pytest

from bench.effort import Talk, book_all, find_excess, load_sentences
from dialogs.intents.understander import Understander
from handlers.content import Content


@pytest.fixture(scope="module")
def talks(loaded: tuple[Content, Understander]) -> list[tuple[Talk, Talk]]:
    """Give both talks of every service."""
    return book_all(*loaded)


def test_every_service_has_its_full_sentence(loaded: tuple[Content, Understander]) -> None:
    assert load_sentences().keys() == loaded[0].services.keys()


def test_no_service_asks_more_than_it_must(talks: list[tuple[Talk, Talk]]) -> None:
    assert [line for full, bare in talks for line in find_excess(full, bare)] == []


def test_a_full_sentence_saves_the_owner_two_messages_of_five(talks: list[tuple[Talk, Talk]]) -> None:
    full, bare = (sum(pair[side].turns for pair in talks) for side in (0, 1))
    assert full <= bare * 0.75
