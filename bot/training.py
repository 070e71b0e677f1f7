"""Turns the sentences under content/ into content/understanding/weights.json: the same sentences give the same file.

The authors of content/utterances are left out one by one to fit the mix of rules and weights and to find from which
probability on the bot may act: the examples cannot serve for that, because the rules were written beside them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

from bot.content import CONTENT_DIR, WEIGHTS, load_content, load_yaml
from bot.tokenizer import build_tokenizer
from dialogs.intents.features import read_features, read_word_features
from dialogs.intents.learning import Lesson, Trial, find_safe_chance, fit_mix, freeze, learn_weights
from dialogs.intents.lexicon import NONE, Lexicon
from dialogs.intents.model import Evidence, Mix, Model, mix_voices, unpack
from dialogs.intents.understander import Understander, words_of

EXAMPLES = "examples"
SAFE = 0.97  # the share of right answers we act on
ACT, ASK = 0.75, 0.35  # the confidences at which dialogs act and ask, see dialogs/intents/decision.py
ASK_CHANCE = 0.2  # an intent as likely as this is worth a place in the question back
WORD_WEIGHT, RULE_WEIGHT = 0.1, 0.05  # what a point of a word or a rule counts beside a sentence
LEAST_POINTS = 2.0  # a word with fewer says too little to learn from
STRONG_POINTS = 3.0  # a word with so many is often all that a resident writes, or with 我要 before it
FRAMES = ("{}", "我要{}", "想预约{}")
LABEL_WEIGHT = 0.5  # what a label of the catalogue in a frame counts
RARE = 2  # a feature seen less often is not learned
LONGEST_LIST = 12  # of the alternatives of a rule so many are read

Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Evidence of one sentence and the code it means."""

    evidence: Evidence
    code: str


@dataclass(frozen=True, slots=True)
class School:
    """All there is to learn from: sentences by author and the lessons of the lexicon itself."""

    classes: tuple[str, ...]
    authors: Mapping[str, tuple[Sentence, ...]]
    words: tuple[Lesson, ...]

    def meant(self, code: str) -> int:
        """Return the number of a code."""
        return self.classes.index(code)


def open_school(folder: Path = CONTENT_DIR) -> School:
    """Read all sentences and what the rules say of them; KeyError for an unknown code."""
    content, lexicon = load_content(folder)
    lexicon = replace(lexicon, model=None)
    reader = Understander(lexicon, build_tokenizer(words_of(lexicon)))
    classes = tuple(sorted(lexicon.intents | {NONE}))
    written = {EXAMPLES: lexicon.examples}
    for path in sorted((folder / "utterances").glob("*.yaml")):
        written[path.stem] = load_yaml(path.read_text(encoding="utf-8"))
    authors = {
        author: tuple(Sentence(reader.read_evidence(text), code) for code in sorted(texts) for text in texts[code])
        for author, texts in written.items()
    }
    words = chain(_read_words(lexicon, classes), _read_frames(lexicon, classes, content.labels))
    return School(classes, authors, tuple(words))


def _read_words(lexicon: Lexicon, classes: Sequence[str]) -> Iterator[Lesson]:
    """Yield what the words and rules of the lexicon teach: each is a short sentence that counts little."""
    number = {code: at for at, code in enumerate(classes)}
    for word, owners in sorted(lexicon.words.items()):
        features = read_word_features(word)
        yield from (Lesson(features, number[code], WORD_WEIGHT * points) for code, points in owners if points >= LEAST_POINTS)
    rules = {(rule.intent, rule.parts, rule.weight) for rules in lexicon.rules.values() for rule in rules}
    readable = sorted((code, [sorted(part) for part in parts], points) for code, parts, points in rules)
    for code, parts, points in readable:
        most = min(LONGEST_LIST, max(map(len, parts)))
        for turn in range(most):
            features = read_word_features(" ".join(part[turn * len(part) // most] for part in parts))
            yield Lesson(features, number[code], RULE_WEIGHT * points)


def _read_frames(lexicon: Lexicon, classes: Sequence[str], labels: Mapping[str, str]) -> Iterator[Lesson]:
    """Yield the shortest wishes: a label of the catalogue or a strong word of the lexicon, alone and in a frame."""
    number = {code: at for at, code in enumerate(classes)}
    for code, label in sorted(labels.items()):
        for frame in FRAMES:
            yield Lesson(read_features(lexicon.normalise(frame.format(label))), number[code], LABEL_WEIGHT)
    for word, owners in sorted(lexicon.words.items()):
        for code, points in owners:
            if points >= STRONG_POINTS and code != NONE:
                yield Lesson(read_features(FRAMES[1].format(word)), number[code], WORD_WEIGHT * points)


def learn(school: School, without: str = "") -> dict[str, list[float]]:
    """Return the weights learned from all authors but one."""
    sentences = chain.from_iterable(texts for author, texts in school.authors.items() if author != without)
    lessons = [Lesson(each.evidence.features, school.meant(each.code)) for each in sentences]
    lessons += school.words
    counts: dict[str, int] = {}
    for lesson in lessons:
        for feature in lesson.features:
            counts[feature] = counts.get(feature, 0) + 1
    known = [each._replace(features=[f for f in each.features if counts[f] >= RARE]) for each in lessons]
    return learn_weights(known, len(school.classes))


def try_authors(school: School) -> dict[str, list[Trial]]:
    """Return for every author but the one of the examples how weights that never saw him score his sentences."""
    trials = {}
    for author in school.authors.keys() - {EXAMPLES}:
        model = freeze(learn(school, author), school.classes, Mix(), ())
        trials[author] = [
            Trial(model.score(each.evidence.features), each.evidence, school.meant(each.code))
            for each in school.authors[author]
        ]
    return dict(sorted(trials.items()))


def find_knots(trials: Sequence[Trial], classes: Sequence[str], mix: Mix) -> Knots:
    """Return (probability, confidence) such that confidence 0.75 is where 97 % of the trials are right."""
    judged = []
    for trial in trials:
        chances = mix_voices(mix, classes, trial.scores, trial.evidence)
        best = max(range(len(classes)), key=chances.__getitem__)
        if classes[best] != NONE:
            judged.append((chances[best], best == trial.meant))
    safe = max(find_safe_chance(judged, SAFE), 2 * ASK_CHANCE)
    return ((0.0, 0.0), (ASK_CHANCE, ASK), (safe, ACT), (1.0, 1.0))


def train(folder: Path = CONTENT_DIR) -> Model:
    """Learn the model of all authors, with the mix and the knots found by leaving authors out."""
    school = open_school(folder)
    trials = list(chain.from_iterable(try_authors(school).values()))
    mix = fit_mix(trials, school.classes)
    return freeze(learn(school), school.classes, mix, find_knots(trials, school.classes, mix))


def hash_sources(folder: Path = CONTENT_DIR) -> str:
    """Return the SHA-256 of everything that is learned from: catalogue, intents and utterances."""
    digest = hashlib.sha256()
    paths = [folder / "catalogue.yaml", *(folder / "intents").glob("*.yaml"), *(folder / "utterances").glob("*.yaml")]
    for path in sorted(paths):
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def format_model(model: Model, sources: str) -> str:
    """Return the model as JSON, a line for each feature."""
    head = {
        "classes": list(model.classes),
        "knots": model.knots,
        "mix": asdict(model.mix),
        "sources": sources,
        "step": model.step,
    }
    lines = [f"{_write(key)}: {_write(value)}," for key, value in head.items()]
    rows = [f"{_write(feature)}: {_write(_spell(model, feature))}" for feature in sorted(model.rows)]
    return "\n".join(["{", *lines, '"rows": {', ",\n".join(rows), "}}", ""])


def _spell(model: Model, feature: str) -> str:
    return "".join(map(chr, unpack(model.rows[feature], len(model.classes))))


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_weights(folder: Path = CONTENT_DIR) -> Path:
    """Train and write the file; return its path."""
    path = folder / WEIGHTS
    path.parent.mkdir(exist_ok=True)
    path.write_text(format_model(train(folder), hash_sources(folder)), encoding="utf-8", newline="\n")
    return path
