"""The learned part of understanding: the weights of features become a probability for every intent. No files.

Every row of weights is written as one text and held as one large number with four bytes for each class: adding numbers
adds all classes at once. Does not learn: that is learning.py.
"""

import math
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from dialogs.intents.lexicon import NONE

LOWEST, ZERO, HIGHEST = 35, 80, 126  # the characters of a weight, `#` to `~`; P is nothing
LANE = 4  # bytes
FAINT = 0.01  # an intent less likely than this is not worth a thought, unless it is among the first three
FEWEST = 3
SPREAD = 0.35  # how much a long sentence's many features are held back: 0 not at all, 1 their mean counts
REFUSED = -8.0  # added to what is refused: 不用投诉 is no complaint
BANDS = (0, 4, 8, 16, 30, 60)  # characters; whether a message is for us at all depends on its length


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one text offers: its features, its length in characters, the intents it refuses, and whether that is all."""

    features: Collection[str]
    length: int
    refused: frozenset[str] = frozenset()
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class Mix:
    """How far the scores are to be believed, and for each of BANDS what speaks for "none" beforehand."""

    trust: float = 1.0
    none: tuple[float, ...] = (0.0,) * len(BANDS)


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature and class (before them, in a lane of its own, the square of how telling the feature is)."""

    classes: tuple[str, ...]
    rows: Mapping[str, int]
    step: float
    mix: Mix

    def rank(self, evidence: Evidence) -> list[tuple[str, float]]:
        """Return the intents worth a thought with their probabilities, best first."""
        chances = mix_voices(self.mix, self.classes, self.score(evidence.features), evidence)
        ranked = sorted(zip(map(float.__neg__, chances), self.classes, strict=True))
        return [(intent, round(-chance, 4)) for at, (chance, intent) in enumerate(ranked) if at < FEWEST or -chance > FAINT]

    def score(self, features: Collection[str]) -> list[float]:
        """Return the learned score of every class; all zero when no feature is known."""
        rows = [row for row in map(self.rows.get, features, repeat(0)) if row]
        if not rows:
            return [0.0] * len(self.classes)
        zero = ZERO * len(rows)
        square, *lanes = unpack(sum(rows), len(self.classes) + 1)
        size = self.step * measure(square - zero)
        return [(lane - zero) * size for lane in lanes]


def measure(square: float) -> float:
    """Return what a score is multiplied by when the squares of its features' values add up to `square`."""
    return math.pow(square / 16, -SPREAD) / 4


def pack(row: str) -> int:
    """Return a row's text, how telling it is as a digit and then a character for each class, as one number."""
    return int.from_bytes((chr(int(row[0]) ** 2 + ZERO) + row[1:]).encode("utf-32-le"), "little")


def unpack(packed: int, size: int) -> tuple[int, ...]:
    """Return the `size` values in a packed row or in a sum of such rows."""
    return struct.unpack(f"<{size}I", packed.to_bytes(LANE * size, "little"))


def find_band(length: int) -> int:
    """Return the place in BANDS of a text so many characters long."""
    return max(at for at, least in enumerate(BANDS) if length >= least)


def mix_voices(mix: Mix, classes: Sequence[str], scores: Sequence[float], evidence: Evidence) -> list[float]:
    """Return the probability of every class."""
    voices = [mix.trust * score for score in scores]
    if NONE in classes:
        voices[classes.index(NONE)] += mix.none[find_band(evidence.length)] - (REFUSED if evidence.is_refusal else 0.0)
    if evidence.refused:
        voices = [
            voice + REFUSED if intent in evidence.refused else voice for voice, intent in zip(voices, classes, strict=True)
        ]
    return spread(voices)


def spread(voices: Sequence[float]) -> list[float]:
    """Return the softmax: shares that add up to one."""
    most = max(voices)
    powers = [math.exp(voice - most) for voice in voices]
    total = sum(powers)
    return [power / total for power in powers]


def parse_model(content: Mapping[str, object]) -> Model:
    """Build a Model of what `format_model` wrote; ValueError, KeyError or TypeError when it is something else."""
    classes, rows, mix, step = (content[key] for key in ("classes", "rows", "mix", "step"))
    if not isinstance(classes, list) or not isinstance(rows, dict) or not isinstance(mix, dict):
        raise TypeError("classes must be a list, rows and mix mappings")
    if wrong := next((feature for feature, row in rows.items() if len(row) != len(classes) + 1), None):
        raise ValueError(f"the row of {wrong} must have a digit and {len(classes)} characters")
    return Model(
        classes=tuple(classes),
        rows={feature: pack(row) for feature, row in rows.items()},
        step=float(str(step)),
        mix=Mix(float(mix["trust"]), tuple(map(float, mix["none"]))),
    )
