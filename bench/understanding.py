"""How well sentences are understood, on authors left out and on test hands, how fast, and what loading costs.

The test hands are never trained on. Shows shares and codes, no sentences.
"""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from bench.machine import ROOT, print_table
from bot import training
from bot.content import CONTENT_DIR, WEIGHTS, load_yaml
from bot.tokenizer import build_tokenizer
from dialogs.intents.decision import Act, decide
from dialogs.intents.learning import fit_mix, freeze
from dialogs.intents.lexicon import NONE, Lexicon
from dialogs.intents.model import parse_model
from dialogs.intents.understander import Understander, Understanding, words_of

HANDS = ROOT / "tests" / "understanding"
PAIRS = 12
TENTHS = 10
LENGTHS = (8, 16, 30, 60, 1000)  # characters, upper ends of the length classes
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


def read_hands() -> dict[str, list[Case]]:
    """Return every test hand that there is, by name."""
    return {path.stem: read_cases(path) for path in sorted(HANDS.glob("hand_*.yaml"))}


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
    lexicon = load_language()
    understander = build(lexicon)
    left = [(f"{author} (left out)", build(each), _read_author(author)) for author, each in leave_out(lexicon)]
    hands = [(hand, understander, cases) for hand, cases in read_hands().items()]
    columns = ("sentences", "n", "first %", "of three %", "acted %", "acts right %", "none right %", "none found %", "µs")
    print_table("Understanding", columns, [_row(name, mark(each, cases)) for name, each, cases in [*left, *hands]])
    for title, group in (("authors left out", left), ("test hands", hands)):
        found = [(code, each.understand(text)) for _, each, cases in group for code, text in cases]
        print_table(f"Codes taken for others, {title}", ("code", "taken for", "times"), _find_pairs(found))
        print_table(f"Confidence and truth, {title}", ("confidence", "sentences", "right %"), _calibrate(found))
    print_table("Microseconds a sentence", ("characters", "sentences", "µs"), _time_lengths(understander, hands))
    print_table("Loading, once in a process", ("part", "ms", "MiB"), _measure_loading())
    return True


def load_language() -> Lexicon:
    """Return the language with the weights that are committed; no script is read."""
    lexicon, _ = training.read_language()
    return replace(lexicon, model=parse_model(_read_weights()))


def _read_weights() -> Mapping[str, object]:
    import json

    content: Mapping[str, object] = json.loads((CONTENT_DIR / WEIGHTS).read_text(encoding="utf-8"))
    return content


def build(lexicon: Lexicon) -> Understander:
    """Build an understander over a lexicon."""
    return Understander(lexicon, build_tokenizer(words_of(lexicon)))


def _read_author(author: str) -> list[Case]:
    return read_cases(CONTENT_DIR / "utterances" / f"{author}.yaml")


def leave_out(lexicon: Lexicon) -> Iterator[tuple[str, Lexicon]]:
    """Yield every author of utterances with a lexicon whose weights and mix never saw his sentences."""
    school = training.open_school()
    weights = {author: training.learn(school, author) for author in sorted(school.authors.keys() - set(training.INSIDERS))}
    trials = {author: training.try_weights(school, author, each) for author, each in weights.items()}
    for author, each in weights.items():
        mix = fit_mix(list(chain.from_iterable(trials[name] for name in trials if name != author)), school.classes)
        yield author, replace(lexicon, model=freeze(each, school.classes, mix))


def _row(name: str, marks: Marks) -> tuple[str, ...]:
    shares = (marks.first, marks.among_three, marks.acted, marks.act_precision, marks.none_precision, marks.none_recall)
    return (name, str(marks.sentences), *(f"{share:.1%}" for share in shares), f"{marks.microseconds:.0f}")


def _find_pairs(found: Sequence[tuple[str, Understanding]]) -> list[tuple[str, ...]]:
    pairs = Counter((code, each.intent) for code, each in found if each.intent != code)
    return [(code, taken, str(times)) for (code, taken), times in pairs.most_common(PAIRS)]


def _calibrate(found: Sequence[tuple[str, Understanding]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for tenth in range(TENTHS):
        inside = [each.intent == code for code, each in found if min(int(each.confidence * TENTHS), TENTHS - 1) == tenth]
        if inside:
            rows.append((f"{tenth / TENTHS:.1f} to {(tenth + 1) / TENTHS:.1f}", str(len(inside)), f"{_share(inside):.1%}"))
    return rows


def _time_lengths(
    understander: Understander, hands: Sequence[tuple[str, Understander, Sequence[Case]]]
) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    least = 0
    for most in LENGTHS:
        cases = [case for _, _, cases in hands for case in cases if least < len(case[1]) <= most]
        if cases:
            rows.append((f"{least + 1} to {most}", str(len(cases)), f"{mark(understander, cases).microseconds:.0f}"))
        least = most
    return rows


def _measure_loading() -> list[tuple[str, ...]]:
    lexicon, _ = training.read_language()
    parts = {
        "language": training.read_language,
        "weights": lambda: parse_model(_read_weights()),
        "tokenizer": partial(build_tokenizer, words_of(lexicon)),
    }
    return [(name, *_measure(part)) for name, part in parts.items()]


def _measure(part: object) -> tuple[str, str]:
    assert callable(part)
    began = time.perf_counter()
    part()
    spent = time.perf_counter() - began
    tracemalloc.start()
    kept = part()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return f"{spent * 1000:.0f}", f"{size / 2**20:.1f}"
