"""What to do about an understanding: act, ask which of a few, or say that it was not understood. Pure."""

from dataclasses import dataclass

from dialogs.intents.lexicon import NONE
from dialogs.intents.understander import Candidate, Understanding


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences, 0 to 1: we act from `act` on, ask between two closer than `margin`, do not guess below `ask`.

    Chosen on authors left out: what is acted upon is right 97 times in 100. `stranger` is how sure we must be that a
    message is not for us before we say so without offering what it might mean; `offer` is worth a place in the question.
    """

    act: float = 0.7
    ask: float = 0.35
    offer: float = 0.2
    stranger: float = 0.66
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
    wishes = tuple(c for c in understanding.candidates if c.intent != NONE)
    is_stranger = understanding.intent == NONE and understanding.confidence >= thresholds.stranger
    least = thresholds.offer if understanding.intent == NONE else thresholds.ask
    if is_stranger or not wishes or wishes[0].confidence < least:
        return Stranger()
    best = wishes[0].confidence
    is_rivalled = len(wishes) > 1 and round(best - wishes[1].confidence, 4) < thresholds.margin
    if best >= thresholds.act and not is_rivalled and understanding.intent != NONE:
        return Act(wishes[0].intent)
    return Clarify(tuple(c for c in wishes if c.confidence >= thresholds.offer)[: thresholds.most])
