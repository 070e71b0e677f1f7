"""Sentences of writers nobody trained on are understood; the floors stand a little under what was reached."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.understanding import Marks, mark, read_cases
from bot.content import load_content
from bot.tokenizer import build_tokenizer
from dialogs.intents.understander import Understander, words_of

HERE = Path(__file__).resolve().parent
HELD_OUT = HERE.parent / "dialogs" / "heldout_intents.yaml"


@pytest.fixture(scope="module")
def understanders() -> tuple[Understander, Understander]:
    _, lexicon = load_content()
    tokenize = build_tokenizer(words_of(lexicon))
    return Understander(lexicon, tokenize), Understander(replace(lexicon, model=None), tokenize)


@pytest.mark.parametrize(("hand", "first", "among_three"), [("hand_c", 0.88, 0.94), ("hand_d", 0.86, 0.925)])
def test_the_hands_of_other_writers_are_understood(understanders, hand: str, first: float, among_three: float) -> None:
    marks = mark(understanders[0], read_cases(HERE / f"{hand}.yaml"))
    assert marks.sentences > 600
    assert marks.first >= first, marks
    assert marks.among_three >= among_three, marks
    assert marks.acted >= 0.6, marks
    assert marks.none_precision >= 0.67, marks
    assert marks.none_recall >= 0.82, marks


def test_the_bot_acts_only_where_it_is_right(understanders) -> None:
    marks = mark(understanders[0], [case for hand in ("hand_c", "hand_d") for case in read_cases(HERE / f"{hand}.yaml")])
    assert marks.act_precision >= 0.97, marks


def test_the_weights_are_worth_their_place(understanders) -> None:
    cases = [case for hand in ("hand_c", "hand_d") for case in read_cases(HERE / f"{hand}.yaml")]
    mixed, ruled = (mark(understander, cases) for understander in understanders)
    assert mixed.first > ruled.first + 0.08
    assert mixed.act_precision > ruled.act_precision + 0.05


def test_what_the_rules_were_written_for_is_still_understood(understanders) -> None:
    marks: Marks = mark(understanders[0], read_cases(HELD_OUT))
    assert marks.first >= 0.98, marks
    assert marks.act_precision >= 0.99, marks
