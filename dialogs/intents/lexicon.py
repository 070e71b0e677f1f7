"""The language of each intent as an immutable value, and its parser.

Knows nothing of YAML, files or tokenizers: it gets plain mappings and returns a Lexicon or every problem found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from dialogs.intents.details import DetailWords
from dialogs.intents.text import Normaliser, build_normaliser

if TYPE_CHECKING:
    from dialogs.intents.model import Model

LANGUAGE = "language"
TRADITIONAL = "traditional"
DETAILS = "details"
NONE = "none"
_ALLOWED = frozenset({"words", "alone", "all_of", "not", "examples", "train", "refusing"})
T = TypeVar("T")
_CUES = ("refusals", "absences", "neutral", "turns", "joins")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the lexicon: the file's stem, the place inside it, and what is wrong."""

    file: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Words that mean more together: every part must be met by one of its alternatives."""

    intent: str
    parts: tuple[frozenset[str], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Cues:
    """The small words that steer: refusals and absences turn a word, turns and joins open a clause."""

    refusals: frozenset[str] = frozenset()
    absences: frozenset[str] = frozenset()
    neutral: frozenset[str] = frozenset()
    turns: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All the language of all intents, indexed for the scorer. Never changed after it is parsed."""

    words: Mapping[str, tuple[tuple[str, float], ...]]
    alone: Mapping[str, tuple[tuple[str, float], ...]]
    rules: Mapping[str, tuple[Rule, ...]]
    against: Mapping[str, tuple[str, ...]]
    atoms: Mapping[str, tuple[str, ...]]
    cues: Cues
    normalise: Normaliser
    refusing: frozenset[str]
    examples: Mapping[str, tuple[str, ...]]
    intents: frozenset[str]
    details: DetailWords = field(default_factory=DetailWords)
    names: Mapping[str, str] = field(default_factory=dict)  # what the catalogue calls an intent -> its code
    model: Model | None = None  # what was learned from sentences; without it the rules speak alone


@dataclass(slots=True)
class _Draft:
    codes: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    words: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    alone: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    against: dict[str, list[str]] = field(default_factory=dict)
    examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    refusing: set[str] = field(default_factory=set)

    def report(self, file: str, place: str, message: str) -> None:
        self.problems.append(Problem(file, place, message))


def parse_lexicon(files: Mapping[str, object], codes: Iterable[str]) -> Lexicon | tuple[Problem, ...]:
    """Turn `{file stem: {code: language}}` into a Lexicon, or into every problem found.

    `language`, `traditional` and `details` are the stems that hold other things than codes. `codes` are the
    catalogue's, with their labels where it is a mapping; an unknown code, a code in two files, a weight that is not
    positive and a misspelt key are problems.
    """
    draft = _Draft(frozenset(codes) | {NONE})
    normalise = _parse_characters(draft, files.get(TRADITIONAL, {}))
    for file, content in files.items():
        if file not in {LANGUAGE, TRADITIONAL, DETAILS}:
            _parse_file(draft, file, content, normalise)
    cues = _parse_cues(draft, files.get(LANGUAGE, {}), normalise)
    details = _parse_details(draft, files.get(DETAILS, {}))
    if draft.problems:
        return tuple(draft.problems)
    names = {normalise(label): code for code, label in codes.items() if "." in code} if isinstance(codes, Mapping) else {}
    return replace(_freeze(draft, cues, normalise), details=details, names=names)


def _parse_file(draft: _Draft, file: str, content: object, normalise: Normaliser) -> None:
    if not isinstance(content, Mapping):
        draft.report(file, "", "must be a mapping of intent code to its language")
        return
    for code, language in content.items():
        if code not in draft.codes:
            draft.report(file, str(code), "is not a code of the catalogue")
        elif code in draft.homes:
            draft.report(file, code, f"is already described in {draft.homes[code]}")
        elif not isinstance(language, Mapping):
            draft.report(file, code, "must be a mapping")
        else:
            draft.homes[code] = file
            _parse_language(draft, file, code, language, normalise)


def _parse_language(draft: _Draft, file: str, code: str, language: Mapping[object, object], normalise: Normaliser) -> None:
    for key in language.keys() - _ALLOWED:
        draft.report(file, code, f"unknown key {key!r}")
    if language.get("refusing") is True:
        draft.refusing.add(code)
    for key, shelf in (("words", draft.words), ("alone", draft.alone)):
        for word, weight in _weights(draft, file, f"{code}.{key}", language.get(key)):
            shelf.setdefault(normalise(word), []).append((code, weight))
    for text, weight in _weights(draft, file, f"{code}.all_of", language.get("all_of")):
        parts = tuple(frozenset(normalise(word.strip()) for word in part.split("|")) for part in text.split("+"))
        if len(parts) < 2 or any("" in part for part in parts):
            draft.report(file, f"{code}.all_of", f"{text!r} needs two or more parts, as in 厨房|浴室 + 漏")
        else:
            draft.rules.append(Rule(code, parts, weight))
    for word in _strings(draft, file, f"{code}.not", language.get("not")):
        draft.against.setdefault(normalise(word), []).append(code)
    draft.examples[code] = _strings(draft, file, f"{code}.examples", language.get("examples"))


def _weights(draft: _Draft, file: str, place: str, value: object) -> Sequence[tuple[str, float]]:
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        draft.report(file, place, "must be a mapping of word to weight")
        return ()
    found = []
    for word, weight in value.items():
        if not isinstance(word, str) or not word.strip():
            draft.report(file, place, f"{word!r} is not a word")
        elif isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
            draft.report(file, place, f"the weight of {word} must be a number above 0")
        else:
            found.append((word, float(weight)))
    return found


def _strings(draft: _Draft, file: str, place: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(item, str) for item in value):
        draft.report(file, place, "must be a list of texts")
        return ()
    return tuple(value)


def _parse_characters(draft: _Draft, content: object) -> Normaliser:
    pairs = content.get("pairs", "") if isinstance(content, Mapping) else None
    if not isinstance(pairs, str) or len(pairs := "".join(pairs.split())) % 2:
        draft.report(TRADITIONAL, "pairs", "must be a text of pairs: a traditional character, then its simplified one")
        pairs = ""
    return build_normaliser(dict(zip(pairs[::2], pairs[1::2], strict=True)))


def _parse_cues(draft: _Draft, content: object, normalise: Normaliser) -> Cues:
    if not isinstance(content, Mapping):
        draft.report(LANGUAGE, "", "must be a mapping")
        return Cues()
    for key in content.keys() - set(_CUES):
        draft.report(LANGUAGE, str(key), "unknown key")
    lists = {key: tuple(normalise(word) for word in _strings(draft, LANGUAGE, key, content.get(key))) for key in _CUES}
    return Cues(
        frozenset(lists["refusals"]),
        frozenset(lists["absences"]),
        frozenset(lists["neutral"]),
        lists["turns"],
        lists["joins"],
    )


def _parse_details(draft: _Draft, content: object) -> DetailWords:
    if not isinstance(content, Mapping) or content.keys() - {"places", "faults"}:
        draft.report(DETAILS, "", "must be a mapping with places and faults")
        return DetailWords()
    faults = content.get("faults", {})
    if not isinstance(faults, Mapping):
        draft.report(DETAILS, "faults", "must be a mapping of a fault to its words")
        return DetailWords()
    return DetailWords(
        _strings(draft, DETAILS, "places", content.get("places")),
        {str(kind): _strings(draft, DETAILS, f"faults.{kind}", words) for kind, words in faults.items()},
    )


def _freeze(draft: _Draft, cues: Cues, normalise: Normaliser) -> Lexicon:
    by_anchor = _group(draft.rules, lambda rule: rule.parts[0])
    atoms = {word for rule in draft.rules for part in rule.parts for word in part} | draft.against.keys()
    return Lexicon(
        words={word: tuple(owners) for word, owners in draft.words.items()},
        alone={word: tuple(owners) for word, owners in draft.alone.items()},
        rules=by_anchor,
        against={word: tuple(codes) for word, codes in draft.against.items()},
        atoms=_group(sorted(atoms), lambda atom: atom[0]),
        cues=cues,
        normalise=normalise,
        refusing=frozenset(draft.refusing),
        examples=draft.examples,
        intents=frozenset(draft.homes),
    )


def _group(items: Iterable[T], keys: Callable[[T], Iterable[str]]) -> dict[str, tuple[T, ...]]:
    grouped: dict[str, list[T]] = {}
    for item in items:
        for key in keys(item):
            grouped.setdefault(key, []).append(item)
    return {key: tuple(values) for key, values in grouped.items()}
