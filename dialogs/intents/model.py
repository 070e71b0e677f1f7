"""The learned part of understanding: weights of features, mixed with what the rules say, as a confidence. No files.

Every row of weights is written as one text, a printable character for each class, and held as one large number with four
bytes for each class: adding numbers adds all classes at once. Does not learn: that is learning.py.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dialogs.intents.lexicon import NONE

LOWEST, ZERO, HIGHEST = 35, 80, 126  # the characters of a weight, `#` to `~`; P is nothing
LANE = 4  # bytes
FAINT = 0.01  # a class less likely than this is not worth a thought
REFUSED = -8.0  # added to the logarithm of what the rules heard refused: 不用投诉 is no complaint


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one text offers: its features, the rules' confidence by intent, and the intents it refuses."""

    features: Sequence[str]
    ruled: Mapping[str, float]
    refused: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mix:
    """How much each voice counts: features, rules, the rules' first, and for "none" always, unruled, weakly ruled."""

    learned: float = 1.0
    ruled: float = 2.0
    first: float = 1.0
    none: float = 0.0
    silent: float = 0.0
    doubt: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature and class, the mix, and the knots (probability, confidence) that give thresholds their meaning."""

    classes: tuple[str, ...]
    rows: Mapping[str, int]
    step: float
    mix: Mix
    knots: tuple[tuple[float, float], ...]

    def rank(self, evidence: Evidence) -> list[tuple[str, float]]:
        """Return the classes worth a thought with their confidences, best first."""
        chances = mix_voices(self.mix, self.classes, self.score(evidence.features), evidence)
        worth = [(-chance, intent) for chance, intent in zip(chances, self.classes, strict=True) if chance > FAINT]
        return [(intent, self._confide(-chance)) for chance, intent in sorted(worth)]

    def score(self, features: Sequence[str]) -> list[float]:
        """Return the learned score of every class; all zero when no feature is known."""
        rows = [self.rows[feature] for feature in features if feature in self.rows]
        if not rows:
            return [0.0] * len(self.classes)
        size, zero = self.step / math.sqrt(len(features)), ZERO * len(rows)
        return [(lane - zero) * size for lane in unpack(sum(rows), len(self.classes))]

    def _confide(self, chance: float) -> float:
        for (low, from_), (high, to) in pairwise(self.knots):
            if chance <= high:
                return round(from_ + (to - from_) * (chance - low) / (high - low), 4)
        return 1.0


def pack(row: str) -> int:
    """Return a row's text as a number with four bytes for each character."""
    return int.from_bytes(row.encode("utf-32-le"), "little")


def unpack(packed: int, size: int) -> tuple[int, ...]:
    """Return the `size` values in a packed row or in a sum of such rows."""
    return struct.unpack(f"<{size}I", packed.to_bytes(LANE * size, "little"))


def mix_voices(mix: Mix, classes: Sequence[str], scores: Sequence[float], evidence: Evidence) -> list[float]:
    """Return the probability of every class: the softmax of the weighted voices."""
    voices = [mix.learned * score for score in scores]
    if evidence.refused:
        _refuse(voices, classes, evidence)
    for at, (ruled, first, none, silent, doubt) in weigh_voices(classes, evidence).items():
        voices[at] += mix.ruled * ruled + mix.first * first + mix.none * none + mix.silent * silent + mix.doubt * doubt
    most = max(voices)
    powers = [math.exp(voice - most) for voice in voices]
    total = sum(powers)
    return [power / total for power in powers]


def _refuse(voices: list[float], classes: Sequence[str], evidence: Evidence) -> None:
    """Silence what is refused; where the rules hear nothing else, nothing is wished."""
    for at, intent in enumerate(classes):
        if intent in evidence.refused:
            voices[at] += REFUSED
    if not evidence.ruled and NONE in classes:
        voices[classes.index(NONE)] -= REFUSED


def weigh_voices(classes: Sequence[str], evidence: Evidence) -> dict[int, tuple[float, ...]]:
    """Return class -> what the rules say of it (confidence, is it their first) and, for "none", what they leave unsaid."""
    ruled = evidence.ruled
    best = max(ruled.values(), default=0.0)
    first = min(ruled, key=lambda intent: (-ruled[intent], intent)) if ruled else NONE
    found: dict[int, tuple[float, ...]] = {}
    for at, intent in enumerate(classes):
        if intent == NONE:
            doubt = 0.0 if first == NONE and ruled else 1 - best
            found[at] = (ruled.get(NONE, 0.0), float(first == NONE and bool(ruled)), 1.0, float(not ruled), doubt)
        elif intent in ruled:
            found[at] = (ruled[intent], float(first == intent), 0.0, 0.0, 0.0)
    return found


def parse_model(content: Mapping[str, object]) -> Model:
    """Build a Model of what `format_model` wrote; ValueError, KeyError or TypeError when it is something else."""
    classes, rows, mix, knots, step = (content[key] for key in ("classes", "rows", "mix", "knots", "step"))
    if not isinstance(classes, list) or not isinstance(rows, dict) or not isinstance(mix, dict) or not isinstance(knots, list):
        raise TypeError("classes, rows, mix and knots must be lists and mappings")
    if wrong := next((feature for feature, row in rows.items() if len(row) != len(classes)), None):
        raise ValueError(f"the row of {wrong} must have {len(classes)} characters")
    return Model(
        classes=tuple(classes),
        rows={feature: pack(row) for feature, row in rows.items()},
        step=float(str(step)),
        mix=Mix(**mix),
        knots=tuple((float(chance), float(confidence)) for chance, confidence in knots),
    )
