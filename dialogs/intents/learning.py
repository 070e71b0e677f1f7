"""Learns the weights of a Model from sentences whose meaning is known. Deterministic: the same sentences, the same weights.

Softmax regression by stochastic descent with a falling rate, in plain Python: some seconds for some thousand sentences.
Knows no files; what is read and written is the caller's.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import NamedTuple

from dialogs.intents.model import HIGHEST, LOWEST, ZERO, Evidence, Mix, Model, mix_voices, pack, weigh_voices

SEED = 20261121
ROUNDS = 8
RATE = 2.0
FAINT = 0.01  # a class less likely than this is not worth a step
STEP = 0.15  # one character of a weight
MIX_ROUNDS, MIX_RATE = 60, 0.3


class Lesson(NamedTuple):
    """A sentence's features, the number of its class, and how much it counts."""

    features: Sequence[str]
    meant: int
    weight: float = 1.0


class Trial(NamedTuple):
    """A sentence that the weights never saw: their scores for it, its evidence, and what it meant."""

    scores: Sequence[float]
    evidence: Evidence
    meant: int


Weights = Mapping[str, Sequence[float]]


def learn_weights(lessons: Sequence[Lesson], classes: int) -> dict[str, list[float]]:
    """Return feature -> weight of every class."""
    weights = {feature: [0.0] * classes for lesson in lessons for feature in lesson.features}
    order = random.Random(SEED)  # noqa: S311 - an order that can be repeated, no secret
    queue = [lesson for lesson in lessons if lesson.features]
    for done in range(ROUNDS):
        order.shuffle(queue)
        rate = RATE * (1 - done / ROUNDS)
        for lesson in queue:
            _learn(weights, lesson, rate)
    return weights


def _learn(weights: Mapping[str, list[float]], lesson: Lesson, rate: float) -> None:
    rows = [weights[feature] for feature in lesson.features]
    size = 1 / math.sqrt(len(rows))
    scores = [sum(column) * size for column in zip(*rows, strict=True)]
    most = max(scores)
    powers = [math.exp(score - most) for score in scores]
    faint = FAINT * sum(powers)
    force = rate * lesson.weight / sum(powers)
    steps = [(at, -force * power) for at, power in enumerate(powers) if power > faint or at == lesson.meant]
    steps.append((lesson.meant, rate * lesson.weight))
    for row in rows:
        for at, step in steps:
            row[at] += step


def freeze(weights: Weights, classes: Sequence[str], mix: Mix, knots: Sequence[tuple[float, float]]) -> Model:
    """Return the Model of the weights, each rounded to a character; features that say nothing are left out."""
    rows = {feature: pack("".join(map(_write, row))) for feature, row in sorted(weights.items())}
    nothing = pack(chr(ZERO) * len(classes))
    return Model(tuple(classes), {f: row for f, row in rows.items() if row != nothing}, STEP, mix, tuple(knots))


def _write(weight: float) -> str:
    return chr(min(max(ZERO + round(weight / STEP), LOWEST), HIGHEST))


def fit_mix(trials: Sequence[Trial], classes: Sequence[str]) -> Mix:
    """Return the mix under which the trials' meanings are likeliest."""
    mix = Mix()
    heaps = [1e-8] * len(astuple(mix))
    for _ in range(MIX_ROUNDS):
        slope = [0.0] * len(heaps)
        for trial in trials:
            for at, part in enumerate(_find_slope(mix, classes, trial)):
                slope[at] += part / len(trials)
        heaps = [heap + part * part for heap, part in zip(heaps, slope, strict=True)]
        moved = zip(astuple(mix), slope, heaps, strict=True)
        mix = Mix(*(value + MIX_RATE * part / math.sqrt(heap) for value, part, heap in moved))
    return Mix(*(round(value, 3) for value in astuple(mix)))


def _find_slope(mix: Mix, classes: Sequence[str], trial: Trial) -> list[float]:
    chances = mix_voices(mix, classes, trial.scores, trial.evidence)
    expected = sum(chance * score for chance, score in zip(chances, trial.scores, strict=True))
    slope = [trial.scores[trial.meant] - expected, 0.0, 0.0, 0.0, 0.0, 0.0]
    for at, voices in weigh_voices(classes, trial.evidence).items():
        missing = (at == trial.meant) - chances[at]
        for place, voice in enumerate(voices, 1):
            slope[place] += missing * voice
    return slope


def find_safe_chance(judged: Sequence[tuple[float, bool]], wanted: float) -> float:
    """Return the lowest probability from which on the share of right answers is `wanted`; 0.99 when there is none."""
    right, safe = 0, 0.99
    for count, (chance, is_right) in enumerate(sorted(judged, key=lambda each: (-each[0], each[1])), 1):
        right += is_right
        if right / count >= wanted:
            safe = min(safe, chance)
    return round(safe, 3)
