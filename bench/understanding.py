"""How well sentences are understood: by the rules alone and with the trained weights, on authors left out and on test hands.

The test hands are never trained on. Shows shares and codes, no sentences.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from bench.machine import ROOT, print_table
from bot import training
from bot.content import CONTENT_DIR, load_content, load_yaml
from bot.tokenizer import build_tokenizer
from dialogs.intents.decision import Act, decide
from dialogs.intents.learning import fit_mix, freeze
from dialogs.intents.lexicon import NONE, Lexicon
from dialogs.intents.understander import Understander, Understanding, words_of

HANDS = ROOT / "tests" / "understanding"
WORST = 8
TENTHS = 10
Case = tuple[str, str]  # the code that is meant, the sentence


@dataclass(frozen=True)
class Marks:
    """How a set of sentences was understood: shares from 0 to 1."""

    sentences: int
    first: float
    among_three: float
    acted: float
    act_precision: float
    none_precision: float
    none_recall: float
    microseconds: float


def read_cases(path: Path) -> list[Case]:
    """Return the sentences of a file, each after the code that it means."""
    return [(code, text) for code, texts in load_yaml(path.read_text(encoding="utf-8")).items() for text in texts]


def mark(understander: Understander, cases: Sequence[Case]) -> Marks:
    """Understand all sentences and compare."""
    began = time.process_time()
    found = [understander.understand(text) for _, text in cases]
    spent = time.process_time() - began
    pairs = [(code, each) for (code, _), each in zip(cases, found, strict=True)]
    acts = [act.intent == code for code, each in pairs if isinstance(act := decide(each), Act)]
    return Marks(
        sentences=len(cases),
        first=_share(each.intent == code for code, each in pairs),
        among_three=_share(code in _name_three(each) for code, each in pairs),
        acted=len(acts) / len(cases),
        act_precision=_share(acts),
        none_precision=_share(code == NONE for code, each in pairs if each.intent == NONE),
        none_recall=_share(each.intent == NONE for code, each in pairs if code == NONE),
        microseconds=spent / len(cases) * 1e6,
    )


def _share(is_right: Iterable[bool]) -> float:
    answers = list(is_right)
    return sum(answers) / len(answers) if answers else 1.0


def _name_three(understanding: Understanding) -> list[str]:
    return [candidate.intent for candidate in understanding.candidates[:3]]


def run(folder: Path, rounds: int) -> bool:
    """Print the tables; nothing is required here, the floors are in tests/understanding."""
    _, lexicon = load_content()
    tokenize = build_tokenizer(words_of(lexicon))
    mixed, ruled = Understander(lexicon, tokenize), Understander(replace(lexicon, model=None), tokenize)
    hands = {path.stem: read_cases(path) for path in sorted(HANDS.glob("hand_*.yaml"))}
    rows = []
    for author, left_out in leave_out(lexicon):
        cases = read_cases(CONTENT_DIR / "utterances" / f"{author}.yaml")
        rows += [_row(f"{author} (left out)", "rules", mark(ruled, cases))]
        rows += [_row(f"{author} (left out)", "mix", mark(Understander(left_out, tokenize), cases))]
    for hand, cases in hands.items():
        rows += [_row(hand, "rules", mark(ruled, cases)), _row(hand, "mix", mark(mixed, cases))]
    columns = ("sentences", "n", "by", "first %", "of three %", "acted %", "acts right %", "none right %", "none found %", "µs")
    print_table("Understanding", columns, rows)
    cases = list(chain.from_iterable(hands.values()))
    found = [(code, mixed.understand(text)) for code, text in cases]
    print_table("Codes understood worst, test hands", ("code", "right", "of", "taken for"), _find_worst(found))
    print_table("Confidence and truth, test hands", ("confidence", "sentences", "right %"), _calibrate(found))
    return True


def leave_out(lexicon: Lexicon) -> Iterator[tuple[str, Lexicon]]:
    """Yield every author of utterances with a lexicon whose weights, mix and knots never saw his sentences."""
    school = training.open_school()
    trials = training.try_authors(school)
    for author in trials:
        others = [trial for name, each in trials.items() if name != author for trial in each]
        mix = fit_mix(others, school.classes)
        knots = training.find_knots(others, school.classes, mix)
        yield author, replace(lexicon, model=freeze(training.learn(school, author), school.classes, mix, knots))


def _row(name: str, voice: str, marks: Marks) -> tuple[str, ...]:
    shares = (marks.first, marks.among_three, marks.acted, marks.act_precision, marks.none_precision, marks.none_recall)
    return (name, str(marks.sentences), voice, *(f"{share:.1%}" for share in shares), f"{marks.microseconds:.0f}")


def _find_worst(found: Sequence[tuple[str, Understanding]]) -> list[tuple[str, ...]]:
    total = Counter(code for code, _ in found)
    right = Counter(code for code, each in found if each.intent == code)
    taken: Mapping[str, Counter[str]] = {code: Counter() for code in total}
    for code, each in found:
        if each.intent != code:
            taken[code][each.intent] += 1
    worst = sorted(total, key=lambda code: (right[code] / total[code], code))[:WORST]
    return [(code, str(right[code]), str(total[code]), _list(taken[code])) for code in worst]


def _list(taken: Counter[str]) -> str:
    return ", ".join(f"{code} {count}" for code, count in taken.most_common(3))


def _calibrate(found: Sequence[tuple[str, Understanding]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for tenth in range(TENTHS):
        inside = [each.intent == code for code, each in found if min(int(each.confidence * TENTHS), TENTHS - 1) == tenth]
        if inside:
            rows.append((f"{tenth / TENTHS:.1f} to {(tenth + 1) / TENTHS:.1f}", str(len(inside)), f"{_share(inside):.1%}"))
    return rows
