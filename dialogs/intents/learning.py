"""Learns the weights of a Model from sentences whose meaning is known. Deterministic: the same sentences, the same weights.

Softmax regression by stochastic descent with a falling rate; of every sentence most features are hidden at each step, so
that no few of them are relied upon; the weights of the last rounds are averaged. Weights are whole numbers, those of all
classes side by side in one large one, so that a minute of plain Python is enough. Knows no files.
"""

import math
import random
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dialogs.intents.lexicon import NONE
from dialogs.intents.model import (
    BANDS,
    HIGHEST,
    LOWEST,
    ZERO,
    Evidence,
    Mix,
    Model,
    find_band,
    measure,
    mix_voices,
    pack,
    spread,
)

SEED = 20261121
ROUNDS = 24
AVERAGED = 14  # of the last rounds
RATE, LEAST_RATE = 1.0, 0.2
HIDDEN = 0.65  # the share of features that a step does not see
FAINT = 0.002  # a class so much less likely than all is not worth a step
SMOOTH = 0.05  # added to every count of a feature in a class
MOST_TELLING = 8  # the value of a feature that stands in one class only
UNIT = 1 << 16  # a weight of 1
LANE = 8  # bytes for each class
HALF = 1 << (8 * LANE - 1)  # lanes are read as numbers above -HALF
STEP = 0.6  # one character of a weight, times how telling its feature is
MIX_ROUNDS, MIX_RATE = 60, 0.3


class Lesson(NamedTuple):
    """A sentence's features, the number of its class, and how much it counts."""

    features: Sequence[str]
    meant: int
    weight: float = 1.0


class Trial(NamedTuple):
    """A sentence that the weights never saw: their scores for it, its length, and what it meant."""

    scores: Sequence[float]
    length: int
    meant: int


class Weights(NamedTuple):
    """Feature -> how telling it is (1 to 8), and feature -> weight of every class."""

    values: Mapping[str, int]
    rows: Mapping[str, Sequence[float]]


Valued = tuple[str, int]


def value_features(lessons: Iterable[Lesson], classes: int, rarest: int) -> dict[str, int]:
    """Return for every feature seen `rarest` times or more how telling it is: 8 in one class only, 1 in all alike."""
    seen: dict[str, int] = {}
    shares: dict[str, dict[int, float]] = {}
    for lesson in lessons:
        for feature in lesson.features:
            seen[feature] = seen.get(feature, 0) + 1
            share = shares.setdefault(feature, {})
            share[lesson.meant] = share.get(lesson.meant, 0.0) + lesson.weight
    return {feature: _value(shares[feature], classes) for feature, times in seen.items() if times >= rarest}


def _value(share: Mapping[int, float], classes: int) -> int:
    total = sum(share.values()) + SMOOTH * classes
    chances = [(weight + SMOOTH) / total for weight in share.values()]
    rest = SMOOTH / total
    disorder = -sum(chance * math.log(chance) for chance in chances) - (classes - len(share)) * rest * math.log(rest)
    return max(1, round(MOST_TELLING * (1 - disorder / math.log(classes))))


def learn_weights(lessons: Sequence[Lesson], classes: int, rarest: int = 1) -> Weights:
    """Return the weights of every feature that is seen `rarest` times or more."""
    values = value_features(lessons, classes, rarest)
    queue = [([(f, values[f]) for f in each.features if f in values], each.meant, each.weight) for each in lessons]
    dice = random.Random(SEED)  # noqa: S311 - an order that can be repeated, no secret
    rows = dict.fromkeys(values, 0)
    summed = dict(rows)
    steps = ROUNDS * len(queue)
    for done in range(ROUNDS):
        dice.shuffle(queue)
        for at, (features, meant, weight) in enumerate(queue, done * len(queue)):
            rate = RATE * max(LEAST_RATE, 1 - at / steps)
            _learn(rows, [each for each in features if dice.random() >= HIDDEN], meant, (rate * weight, classes))
        if done >= ROUNDS - AVERAGED:
            for feature, row in rows.items():
                summed[feature] += row
    unit = UNIT * AVERAGED
    return Weights(values, {feature: [lane / unit for lane in _read(row, classes)] for feature, row in summed.items()})


def _learn(rows: dict[str, int], features: Sequence[Valued], meant: int, force: tuple[float, int]) -> None:
    if not features:
        return
    rate, classes = force
    size = measure(sum(value * value for _, value in features)) / UNIT
    chances = spread([lane * size for lane in _read(sum([rows[f] * value for f, value in features]), classes)])
    change = int(rate * UNIT * (1 - chances[meant])) << (8 * LANE * meant)
    for at, chance in enumerate(chances):
        if chance > FAINT and at != meant:
            change -= int(rate * UNIT * chance) << (8 * LANE * at)
    for feature, value in features:
        rows[feature] += change * value


def _read(row: int, classes: int) -> list[int]:
    """Return the numbers that stand side by side in a row, which may be below zero."""
    raised = row + HALF * (((1 << 8 * LANE * classes) - 1) // ((1 << 8 * LANE) - 1))
    return [lane - HALF for lane in struct.unpack(f"<{classes}Q", raised.to_bytes(LANE * classes, "little"))]


def freeze(weights: Weights, classes: Sequence[str], mix: Mix) -> Model:
    """Return the Model of the weights, each rounded to a character; features that say nothing are left out."""
    rows = {f: "".join(_write(weight * weights.values[f]) for weight in row) for f, row in sorted(weights.rows.items())}
    nothing = chr(ZERO) * len(classes)
    return Model(tuple(classes), {f: pack(f"{weights.values[f]}{row}") for f, row in rows.items() if row != nothing}, STEP, mix)


def _write(weight: float) -> str:
    return chr(min(max(ZERO + round(weight / STEP), LOWEST), HIGHEST))


def fit_mix(trials: Sequence[Trial], classes: Sequence[str]) -> Mix:
    """Return the mix under which the trials' meanings are likeliest."""
    values = [1.0, *([0.0] * len(BANDS))]
    heaps = [1e-8] * len(values)
    for _ in range(MIX_ROUNDS):
        slope = [0.0] * len(values)
        for trial in trials:
            _add_slope(slope, _build_mix(values), classes, trial)
        slope = [part / len(trials) for part in slope]
        heaps = [heap + part * part for heap, part in zip(heaps, slope, strict=True)]
        values = [value + MIX_RATE * part / math.sqrt(heap) for value, part, heap in zip(values, slope, heaps, strict=True)]
    return _build_mix([round(value, 3) for value in values])


def _build_mix(values: Sequence[float]) -> Mix:
    return Mix(values[0], tuple(values[1:]))


def _add_slope(slope: list[float], mix: Mix, classes: Sequence[str], trial: Trial) -> None:
    chances = mix_voices(mix, classes, trial.scores, Evidence((), trial.length))
    slope[0] += trial.scores[trial.meant] - sum(chance * score for chance, score in zip(chances, trial.scores, strict=True))
    if NONE in classes:
        none = classes.index(NONE)
        slope[1 + find_band(trial.length)] += (trial.meant == none) - chances[none]
