"""A sentence of a resident -> the intents it may carry, best first, each with a confidence from 0 to 1.

Where the lexicon carries a learned model, it speaks: its features are the rules' own words. Without one the rules speak
alone; they also tell what a short text refuses, and give staff the reasons.

Deterministic and explainable. Does not decide what to do about it: that is decision.py.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dialogs.intents.beside import is_only_beside
from dialogs.intents.details import Detail, read_details
from dialogs.intents.evidence import Finding, find_atoms, find_words, weigh_rules, weigh_words
from dialogs.intents.features import build_vocabulary, read_features
from dialogs.intents.lexicon import NONE, Lexicon
from dialogs.intents.model import Evidence
from dialogs.intents.text import Clause, build_opener, build_splitter

Tokenizer = Callable[[str], Sequence[str]]

DOUBT = 0.35  # below this nothing was understood
SCALE = 2.0  # one decisive word (weight 3) alone gives 0.78
MOST = 5
SHORT = 12  # characters; in a longer text what is refused is learned, not looked up
OWN = 0.75  # a clause holds a wish of its own when the model is so sure of it alone
NEAR = 0.9  # how close to the first wish the second is then offered
_FAINT = 0.1
_MARKS = " ,。!?;~…:.—"
_LONGEST_BARE = 18
NAMED = 0.97  # somebody who says a service's own name means it
_BARE = re.compile(
    r"(?:那|就|请|麻烦|你好|您好|,)*(?:我?(?:要|想)(?:办|约|订|做|买|请|问问?|问下|咨询|报|找)?|帮我(?:办|弄|约|问)?(?:一下|下)?|办理?|预约|咨询|问下)?"
    r"(?:一下|下|个)?(?P<name>.+?)(?:怎么(?:弄|办|办理|约|收费)|的?服务|吧|呢|吗|呗|啊|一下|可以吗|能办吗)*"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intent code and how sure we are of it, 0 to 1."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text was taken for: `intent` is "none" when nothing fits; at most five candidates, best first."""

    intent: str
    confidence: float
    candidates: tuple[Candidate, ...]
    text: str


class Judgement(NamedTuple):
    """What the rules alone make of a text: intents, best first, and the refused ones."""

    ranked: list[Candidate]
    refused: frozenset[str]


class Understander:
    """Ranks intents for texts, with one lexicon and one tokenizer, both fixed."""

    def __init__(self, lexicon: Lexicon, tokenize: Tokenizer) -> None:
        self._lexicon = lexicon
        self._tokenize = tokenize
        self._vocabulary = build_vocabulary(lexicon.words)
        self._open = build_opener(lexicon.alone)
        self._split = build_splitter(lexicon.cues.turns, lexicon.cues.joins)

    def words(self) -> frozenset[str]:
        """Return the words the tokenizer must keep whole."""
        return words_of(self._lexicon)

    def understand(self, text: str) -> Understanding:
        """Rank the intents of a text of any length and content; never raises."""
        normal = self._lexicon.normalise(text)
        model = self._lexicon.model
        if model is None or normal.strip(_MARKS) in self._lexicon.alone:  # 你好 and no more: nothing to weigh
            return _conclude(text, self._judge(self._split(normal)).ranked)
        if is_only_beside(normal):
            return Understanding(NONE, 1.0, (Candidate(NONE, 1.0),), text)
        evidence = self.read_evidence(normal)
        if (code := self._find_name(normal)) is not None:
            others = [(each, sure * (1 - NAMED)) for each, sure in model.rank(evidence) if each != code]
            return _settle(text, [(code, NAMED), *others])
        if not evidence.features:
            return Understanding(NONE, 1.0, (Candidate(NONE, 1.0),), text)
        ranked = model.rank(evidence)
        if any(word in normal for word in self._lexicon.cues.joins):
            ranked = _lift(ranked, [model.rank(self.read_evidence(clause.text))[0] for clause in self._split(normal)])
        return _settle(text, ranked)

    def read_evidence(self, normal: str) -> Evidence:
        """Return what a normalised text offers to the model."""
        normal = self._open(normal)
        features = read_features(normal, self._vocabulary)
        if len(normal) > SHORT or not self._refuses(normal):
            return Evidence(features, len(normal))
        judged = self._judge(self._split(normal))
        return Evidence(features, len(normal), judged.refused, bool(judged.refused) and not judged.ranked)

    def _find_name(self, normal: str) -> str | None:
        """Return the intent whose name in the catalogue is all that is said, small words around it aside."""
        bare = normal.strip(_MARKS)
        found = self._lexicon.names.get(bare)
        if found is None and len(bare) <= _LONGEST_BARE and (peeled := _BARE.fullmatch(bare)):
            found = self._lexicon.names.get(peeled["name"])
        return found

    def read_details(self, text: str) -> dict[str, Detail]:
        """Return what a text plainly tells besides the wish: fault, place, people, amount (fen)."""
        return read_details(self._lexicon.details, self._lexicon.normalise(text))

    def _refuses(self, normal: str) -> bool:
        return any(word in normal for word in self._lexicon.cues.refusals)

    def _judge(self, clauses: Sequence[Clause]) -> Judgement:
        weighed = self._weigh(clauses)
        ranked = _rank(weighed)
        refused = {finding.intent for found in weighed for finding in found if finding.is_refusal}
        refused -= {candidate.intent for candidate in ranked}
        return Judgement(ranked or _rank(self._weigh_alone(clauses)), frozenset(refused))

    def explain(self, text: str) -> tuple[Finding, ...]:
        """Return every reason for and against, in the order of the text."""
        clauses = self._split(self._lexicon.normalise(text))
        return tuple(finding for clause in self._weigh(clauses) for finding in clause)

    def _weigh(self, clauses: Sequence[Clause]) -> list[list[Finding]]:
        atoms = [find_atoms(self._lexicon, clause.text) for clause in clauses]
        seen: set[tuple[str, str]] = set()
        weighed = []
        for at, clause in enumerate(clauses):
            found = weigh_words(self._lexicon, self._tokenize(clause.text))
            turned = {finding.intent for finding in found if finding.weight < 0}
            turned -= {finding.intent for finding in found if finding.weight > 0}
            nearby = atoms[at] | atoms[at - 1] if at else atoms[at]
            found += [finding for finding in weigh_rules(self._lexicon, nearby) if finding.intent not in turned]
            weighed.append(_new(found, clause.factor, seen))
        return weighed

    def _weigh_alone(self, clauses: Sequence[Clause]) -> list[list[Finding]]:
        """Weigh the words that count only when nothing else does: a greeting before a wish is not a wish."""
        weighed = []
        for clause in clauses:
            matches = find_words(self._lexicon, self._tokenize(clause.text))
            weighed.append(
                [
                    Finding(intent, weight, match.word)
                    for match in matches
                    for intent, weight in self._lexicon.alone.get(match.word, ())
                ]
            )
        return weighed


def words_of(lexicon: Lexicon) -> frozenset[str]:
    """Return the words a tokenizer must keep whole to serve this lexicon."""
    cues = lexicon.cues
    return frozenset({*lexicon.words, *lexicon.alone, *cues.refusals, *cues.absences, *cues.neutral})


def _new(found: Sequence[Finding], factor: float, seen: set[tuple[str, str]]) -> list[Finding]:
    """Drop what was already said (漏水漏水漏水 is one leak) and apply the clause's factor."""
    fresh = []
    for finding in found:
        key = (finding.intent, finding.reason)
        if key not in seen:
            seen.add(key)
            fresh.append(finding._replace(weight=finding.weight * factor))
    return fresh


def _sum(findings: Sequence[Finding]) -> dict[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for finding in findings:
        scores[finding.intent] += finding.weight
    return {intent: score for intent, score in scores.items() if score > 0}


def _rank(weighed: Sequence[Sequence[Finding]]) -> list[Candidate]:
    """Order intents by confidence: its strength, less the better a rival does, unless it won a clause of its own."""
    totals = _sum([finding for clause in weighed for finding in clause])
    if not totals:
        return []
    best = max(totals.values())
    own: dict[str, float] = {}
    for clause in weighed:
        scores = _sum(clause)
        if scores:
            winner = min(scores, key=lambda intent: (-scores[intent], intent))
            own[winner] = max(own.get(winner, 0.0), min(scores[winner], totals.get(winner, 0.0)))
    ranked = [
        Candidate(intent, round(max(_strength(total) * math.sqrt(total / best), _strength(own.get(intent, 0.0))), 4))
        for intent, total in totals.items()
    ]
    return sorted(ranked, key=lambda candidate: (-candidate.confidence, -totals[candidate.intent], candidate.intent))


def _strength(score: float) -> float:
    return 1 - math.exp(-score / SCALE)


def _lift(ranked: Sequence[tuple[str, float]], wishes: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Set the clear wishes of single clauses beside the first, so that both are offered: one message, two wishes."""
    first, sure = ranked[0]
    clear = {intent for intent, confidence in wishes if confidence >= OWN and intent != NONE}
    if first not in clear:
        return list(ranked)
    lifted = dict(ranked) | {intent: round(NEAR * sure, 4) for intent in clear if dict(ranked).get(intent, 0) < NEAR * sure}
    return sorted(lifted.items(), key=lambda each: (-each[1], each[0]))


def _settle(text: str, ranked: Sequence[tuple[str, float]]) -> Understanding:
    """Conclude from what was learned, which has "none" as one of its classes."""
    known = tuple(Candidate(*each) for each in ranked[:MOST])
    return Understanding(known[0].intent, known[0].confidence, known, text)


def _conclude(text: str, ranked: Sequence[Candidate]) -> Understanding:
    candidates = [candidate for candidate in ranked if candidate.confidence >= _FAINT][:MOST]
    best = candidates[0].confidence if candidates else 0.0
    if best < DOUBT or candidates[0].intent == NONE:
        sure = best if candidates and candidates[0].intent == NONE else round(1 - best, 4)
        others = [candidate for candidate in candidates if candidate.intent != NONE]
        return Understanding(NONE, sure, (Candidate(NONE, sure), *others[: MOST - 1]), text)
    known = tuple(candidate for candidate in candidates if candidate.intent != NONE)
    return Understanding(known[0].intent, best, known, text)
