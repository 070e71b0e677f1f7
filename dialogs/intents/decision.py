"""What to do about an understanding: act, ask which of a few, or say that it was not understood. Pure."""

from dataclasses import dataclass

from dialogs.intents.lexicon import NONE
from dialogs.intents.understander import Candidate, Understanding


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences, 0 to 1: we act from `act` on, ask between two closer than `margin`, do not guess below `ask`."""

    act: float = 0.75
    alone: float = 0.65  # a wish without any other candidate: a question with one answer helps nobody
    ask: float = 0.35
    margin: float = 0.15
    most: int = 4


@dataclass(frozen=True, slots=True)
class Act:
    """One intent is clear: open it."""

    intent: str


@dataclass(frozen=True, slots=True)
class Clarify:
    """Offer these, best first; one alone means "did you mean ...?"."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nothing was understood: show the menu and the way to a person."""


Decision = Act | Clarify | Stranger
DEFAULT_THRESHOLDS = Thresholds()


def decide(understanding: Understanding, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Decision:
    """Choose between acting, asking and giving up, by the thresholds."""
    plausible = tuple(c for c in understanding.candidates if c.intent != NONE and c.confidence >= thresholds.ask)
    if understanding.intent == NONE or not plausible:
        return Stranger()
    best = plausible[0].confidence
    rivals = tuple(c for c in plausible[1:] if round(best - c.confidence, 4) < thresholds.margin)
    is_alone = len(understanding.candidates) == 1 and best >= thresholds.alone
    if (best >= thresholds.act or is_alone) and not rivals:
        return Act(plausible[0].intent)
    return Clarify(plausible[: thresholds.most])
