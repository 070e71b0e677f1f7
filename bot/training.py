"""Turns the sentences under content/ into content/understanding/weights.json: the same sentences give the same file.

The authors of content/utterances are left out one by one to find how far the scores are to be believed: examples and the
workshop's sentences cannot serve for that, because the rules and the features were written beside them.
Reads the language only, no scripts: an unfinished script does not stop the training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from bot.content import CONTENT_DIR, WEIGHTS, load_yaml
from dialogs.intents.features import Vocabulary, build_vocabulary, read_features
from dialogs.intents.learning import Lesson, Trial, Weights, fit_mix, freeze, learn_weights
from dialogs.intents.lexicon import DETAILS, NONE, Lexicon, parse_lexicon
from dialogs.intents.model import ZERO, Mix, Model, unpack
from dialogs.intents.text import build_opener

EXAMPLES = "examples"
INSIDERS = (EXAMPLES, "workshop")  # always learned from, never left out
WORD_WEIGHT = 0.1  # what a point of a word counts beside a sentence
LEAST_POINTS = 2.0  # a word with fewer says too little to learn from
STRONG_POINTS = 3.0  # a word with so many is often all that a resident writes, or with 我要 before it
FRAMES = ("{}", "我要{}", "想预约{}")
ALONE_WEIGHT = 1.0  # what a word counts that is a wish only when it stands alone: a greeting
LABEL_WEIGHT = 0.5  # what a label of the catalogue in a frame counts
RARE = 2  # a feature seen less often is not learned


@dataclass(frozen=True, slots=True)
class Sentence:
    """Features of one sentence, its length and the number of the code it means."""

    features: tuple[str, ...]
    length: int
    meant: int


@dataclass(frozen=True, slots=True)
class School:
    """All there is to learn from: sentences by author and the lessons of the lexicon itself."""

    classes: tuple[str, ...]
    authors: Mapping[str, tuple[Sentence, ...]]
    words: tuple[Lesson, ...]


def read_language(folder: Path = CONTENT_DIR) -> tuple[Lexicon, dict[str, str]]:
    """Return the lexicon without a model, and the labels of the catalogue; ValueError when the language is wrong."""
    catalogue = load_yaml((folder / "catalogue.yaml").read_text(encoding="utf-8"))
    groups = ("services", "base_services", "others")
    labels = {each["code"]: each["label"] for group in groups for each in catalogue.get(group, ())}
    files = {path.stem: load_yaml(path.read_text(encoding="utf-8")) for path in sorted((folder / "intents").glob("*.yaml"))}
    lexicon = parse_lexicon(files, labels)
    if not isinstance(lexicon, Lexicon):
        raise ValueError("\n".join(map(str, lexicon)))  # noqa: TRY004 - the sentences are wrong, not the type
    return lexicon, labels


def open_school(folder: Path = CONTENT_DIR) -> School:
    """Read all sentences; ValueError for an unknown code."""
    lexicon, labels = read_language(folder)
    vocabulary = build_vocabulary(lexicon.words)
    opened = build_opener(lexicon.alone)
    classes = tuple(sorted(lexicon.intents | {NONE}))
    written: dict[str, Mapping[str, Sequence[str]]] = {EXAMPLES: lexicon.examples}
    for path in sorted((folder / "utterances").glob("*.yaml")):
        written[path.stem] = load_yaml(path.read_text(encoding="utf-8"))

    def read(text: str, code: str) -> Sentence:
        normal = opened(lexicon.normalise(text))
        return Sentence(_sort_features(normal, vocabulary), len(normal), classes.index(code))

    authors = {
        author: tuple(read(text, code) for code in sorted(texts) for text in texts[code]) for author, texts in written.items()
    }
    return School(classes, authors, tuple(_read_words(lexicon, labels, classes, vocabulary)))


def _sort_features(normal: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(sorted(read_features(normal, vocabulary)))


def _read_words(
    lexicon: Lexicon, labels: Mapping[str, str], classes: Sequence[str], vocabulary: Vocabulary
) -> Iterator[Lesson]:
    """Yield the shortest wishes: the labels of the catalogue and the words of the lexicon, alone and in a frame."""
    number = {code: at for at, code in enumerate(classes)}
    for code, label in sorted(labels.items()):
        for frame in FRAMES:
            features = _sort_features(lexicon.normalise(frame.format(label)), vocabulary)
            yield Lesson(features, number[code], LABEL_WEIGHT)
    for word, owners in sorted(lexicon.alone.items()):
        yield from (Lesson(_sort_features(word, vocabulary), number[code], ALONE_WEIGHT) for code, _ in owners)
    for word, owners in sorted(lexicon.words.items()):
        for code, points in owners:
            if points >= LEAST_POINTS:
                yield Lesson(_sort_features(word, vocabulary), number[code], WORD_WEIGHT * points)
            if points >= STRONG_POINTS and code != NONE:
                yield Lesson(_sort_features(FRAMES[1].format(word), vocabulary), number[code], WORD_WEIGHT * points)


def learn(school: School, without: str = "") -> Weights:
    """Return the weights learned from all authors but one."""
    sentences = chain.from_iterable(texts for author, texts in school.authors.items() if author != without)
    lessons = [*(Lesson(each.features, each.meant) for each in sentences), *school.words]
    return learn_weights(lessons, len(school.classes), RARE)


def try_weights(school: School, author: str, weights: Weights) -> list[Trial]:
    """Return how weights that never saw an author score his sentences."""
    model = freeze(weights, school.classes, Mix())
    return [Trial(model.score(each.features), each.length, each.meant) for each in school.authors[author]]


def try_authors(school: School) -> dict[str, list[Trial]]:
    """Return the trials of every author who is left out in his turn."""
    outsiders = sorted(school.authors.keys() - set(INSIDERS))
    return {author: try_weights(school, author, learn(school, author)) for author in outsiders}


def train(folder: Path = CONTENT_DIR) -> Model:
    """Learn the model of all authors, with the mix found by leaving authors out."""
    school = open_school(folder)
    mix = fit_mix(list(chain.from_iterable(try_authors(school).values())), school.classes)
    return freeze(learn(school), school.classes, mix)


def hash_sources(folder: Path = CONTENT_DIR) -> str:
    """Return the SHA-256 of everything that is learned from: catalogue, intents and utterances."""
    digest = hashlib.sha256()
    paths = [folder / "catalogue.yaml", *(folder / "intents").glob("*.yaml"), *(folder / "utterances").glob("*.yaml")]
    for path in sorted(path for path in paths if path.stem != DETAILS):
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def format_model(model: Model, sources: str) -> str:
    """Return the model as JSON, a line for each feature."""
    head = {"classes": list(model.classes), "mix": asdict(model.mix), "sources": sources, "step": model.step}
    lines = [f"{_write(key)}: {_write(value)}," for key, value in head.items()]
    rows = [f"{_write(feature)}: {_write(_spell(model, feature))}" for feature in sorted(model.rows)]
    return "\n".join(["{", *lines, '"rows": {', ",\n".join(rows), "}}", ""])


def _spell(model: Model, feature: str) -> str:
    square, *lanes = unpack(model.rows[feature], len(model.classes) + 1)
    return f"{round((square - ZERO) ** 0.5)}{''.join(map(chr, lanes))}"


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_weights(folder: Path = CONTENT_DIR) -> Path:
    """Train and write the file; return its path."""
    path = folder / WEIGHTS
    path.parent.mkdir(exist_ok=True)
    text = format_model(train(folder), hash_sources(folder))
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
