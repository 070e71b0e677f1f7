"""What speaks for each intent in one clause: words, words that stand together, words turned by a refusal.

Each finding keeps its reason, so that staff can be shown why a sentence was understood as it was.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dialogs.intents.lexicon import Lexicon, Rule

WINDOW = 3  # tokens before a word in which a refusal turns it
LONGEST_RUN = 5  # tokens that may be joined to meet one word of the lexicon
AGAINST_WEIGHT = 2.0


class Finding(NamedTuple):
    """One reason for (or, below zero, against) an intent."""

    intent: str
    weight: float
    reason: str
    is_refusal: bool = False


class Match(NamedTuple):
    """A word of the lexicon at tokens [start, end)."""

    word: str
    start: int
    end: int


def join_latin(tokens: Sequence[str]) -> list[str]:
    """Join neighbouring tokens of Latin letters and digits: 12345 inside a longer number is not the city hotline."""
    joined: list[str] = []
    for token in tokens:
        if joined and token.isascii() and token.isalnum() and joined[-1].isascii() and joined[-1].isalnum():
            joined[-1] += token
        else:
            joined.append(token)
    return joined


def find_words(lexicon: Lexicon, tokens: Sequence[str]) -> list[Match]:
    """Find the lexicon's words on token borders, longest first; inside a long unknown token any word of it."""
    matches: list[Match] = []
    at = 0
    while at < len(tokens):
        match = _longest(lexicon, tokens, at)
        if match is None:
            matches.extend(Match(word, at, at + 1) for word in _inside(lexicon, tokens[at]))
            at += 1
        else:
            matches.append(match)
            at = match.end
    return matches


def _longest(lexicon: Lexicon, tokens: Sequence[str], start: int) -> Match | None:
    found = None
    run = ""
    for end in range(start, min(start + LONGEST_RUN, len(tokens))):
        run += tokens[end]
        if run in lexicon.words or run in lexicon.alone or run in lexicon.cues.neutral:
            found = Match(run, start, end + 1)
    return found


def _inside(lexicon: Lexicon, token: str) -> Iterator[str]:
    size = len(token)
    if size < 3 or token.isascii():
        return
    start = 0
    while start < size - 1:
        end = next((end for end in range(size, start + 1, -1) if token[start:end] in lexicon.words), start)
        if end > start:
            yield token[start:end]
        start = max(end, start + 1)


def is_turned(lexicon: Lexicon, tokens: Sequence[str], matches: Sequence[Match], match: Match) -> bool:
    """Say whether a refusal stands within the three tokens before the word (and is not part of another word)."""
    eaten = {at for other in matches if other.end - other.start > 1 for at in range(other.start, other.end)}
    return any(
        tokens[at] in lexicon.cues.refusals and at not in eaten for at in range(max(0, match.start - WINDOW), match.start)
    )


def weigh_words(lexicon: Lexicon, tokens: Sequence[str]) -> list[Finding]:
    """Weigh every word of the lexicon in the tokens; a refused word counts against its intents, by half its weight.

    Intents that are refusals themselves (opting out, cancelling) are not turned: 别推送 is what they ask for.
    """
    tokens = join_latin(tokens)
    matches = find_words(lexicon, tokens)
    has_cue = not lexicon.cues.refusals.isdisjoint(tokens)
    findings = []
    for match in matches:
        turned = has_cue and is_turned(lexicon, tokens, matches, match)
        for intent, weight in lexicon.words.get(match.word, ()):
            counts = turned and intent not in lexicon.refusing
            findings.append(Finding(intent, -weight / 2 if counts else weight, match.word, counts))
    return findings


def find_atoms(lexicon: Lexicon, text: str) -> frozenset[str]:
    """Find every word that rules ask about, anywhere in the text."""
    return frozenset(
        atom for at, character in enumerate(text) for atom in lexicon.atoms.get(character, ()) if text.startswith(atom, at)
    )


def weigh_rules(lexicon: Lexicon, atoms: frozenset[str]) -> list[Finding]:
    """Weigh the rules all of whose parts are met by the atoms, and the words that speak against an intent."""
    met: dict[int, Rule] = {}
    for atom in sorted(atoms):
        for rule in lexicon.rules.get(atom, ()):
            if all(not part.isdisjoint(atoms) for part in rule.parts):
                met[id(rule)] = rule
    strongest_first = sorted(met.values(), key=lambda rule: -rule.weight)  # of two rules with one reason, one counts
    findings = [Finding(rule.intent, rule.weight, _explain(rule, atoms)) for rule in strongest_first]
    for atom in sorted(atoms & lexicon.against.keys()):
        findings.extend(Finding(intent, -AGAINST_WEIGHT, atom) for intent in lexicon.against[atom])
    return findings


def _explain(rule: Rule, atoms: frozenset[str]) -> str:
    return "+".join(min(part & atoms) for part in rule.parts)
