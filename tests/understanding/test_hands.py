"""Sentences of writers nobody trained on are understood; the floors stand a little under what was reached."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from bench.understanding import Marks, build, mark, read_cases, read_hands
from dialogs.intents.understander import Understander
from tests.loaded import LEXICON, UNDERSTANDER

HERE = Path(__file__).resolve().parent
HELD_OUT = HERE.parent / "dialogs" / "heldout_intents.yaml"


@pytest.fixture(scope="module")
def understanders() -> tuple[Understander, Understander]:
    return UNDERSTANDER, build(replace(LEXICON, model=None))


def test_the_hands_of_other_writers_are_understood(understanders) -> None:
    for hand, cases in read_hands().items():
        marks = mark(understanders[0], cases)
        assert marks.sentences > 600, hand
        assert marks.first >= 0.93, (hand, marks)
        assert marks.among_three >= 0.98, (hand, marks)
        assert marks.acted >= 0.72, (hand, marks)
        assert marks.act_precision >= 0.975, (hand, marks)
        assert marks.none_precision >= 0.83, (hand, marks)
        assert marks.none_recall >= 0.85, (hand, marks)


def test_the_bot_acts_only_where_it_is_right(understanders) -> None:
    marks = mark(understanders[0], list(chain.from_iterable(read_hands().values())))
    assert marks.act_precision >= 0.98, marks


def test_the_weights_are_worth_their_place(understanders) -> None:
    cases = list(chain.from_iterable(read_hands().values()))
    mixed, ruled = (mark(understander, cases) for understander in understanders)
    assert mixed.first > ruled.first + 0.1


def test_what_the_rules_were_written_for_is_still_understood(understanders) -> None:
    marks: Marks = mark(understanders[0], read_cases(HELD_OUT))
    assert marks.first >= 0.95, marks
    assert marks.act_precision >= 0.98, marks
