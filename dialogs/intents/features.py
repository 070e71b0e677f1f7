"""What the learned part of understanding looks at in a sentence: characters, pairs of them, and words of the lexicon.

Details beside the wish (when, which home, whose number) are taken out here, for learning and for use alike.
Three in a row, pairs with a gap and words of a tokenizer were measured too and were no better on authors left out.
Pure text: no tokenizer is asked, so that a long message costs little.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from dialogs.intents.beside import MISLEADING, Span, find_beside

_NUMBER = re.compile(r"[0-9]+")
_PIECE = re.compile(r"\w+")
START, END = "^", "$"
BESIDE = "d:"  # before the kind of a detail
LONGEST_WORD = 7  # characters; what is longer is met by its parts
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a lexicon as features: word -> its features, and for two opening characters the longest word."""

    words: Mapping[str, tuple[str, ...]]
    longest: Mapping[str, int]


def build_vocabulary(words: Mapping[str, Iterable[tuple[str, float]]]) -> Vocabulary:
    """Build the vocabulary of `{word: ((code, points), ...)}`: a word says itself and every code it speaks for."""
    known = {
        word: (f"w:{word}", *sorted({f"c:{code}" for code, _ in owners}))
        for word, owners in words.items()
        if 2 <= len(word) <= LONGEST_WORD
    }
    longest: dict[str, int] = {}
    for word in known:
        longest[word[:2]] = max(longest.get(word[:2], 0), len(word))
    return Vocabulary(known, longest)


def read_features(text: str, vocabulary: Vocabulary) -> set[str]:
    """Return the features of a normalised text; numbers count as one 0, `^` and `$` are the ends of a piece.

    A detail counts as its kind and ends the pieces around it, unless a word of the lexicon needs it whole or in part.
    """
    places = list(_find_words(text, vocabulary))
    spans = [span for span in find_beside(text) if span.kind in MISLEADING and not _is_needed(span, places)]
    found = {f"{BESIDE}{span.kind}" for span in spans}
    for start, end in places:
        if not any(span.start <= start and end <= span.end for span in spans):
            found.update(vocabulary.words[text[start:end]])
    for piece in _PIECE.findall(_NUMBER.sub("0", _take_out(text, spans))):
        found.update(piece)
        whole = START + piece + END
        found.update(map("".join, pairwise(whole)))
    return found


def _is_needed(span: Span, places: Iterable[Place]) -> bool:
    """Say whether a word reaches over an end of the span, or is all of it: 今天几号, 三点半课堂."""
    return any(
        start < span.end and end > span.start and (not span.start <= start < end <= span.end or (start, end) == span[:2])
        for start, end in places
    )


def _take_out(text: str, spans: Iterable[Span]) -> str:
    left = ""
    at = 0
    for start, end, _ in spans:
        left, at = f"{left}{text[at:start]},", end
    return left + text[at:]


def _find_words(text: str, vocabulary: Vocabulary) -> Iterator[Place]:
    words, longest = vocabulary.words, vocabulary.longest
    size = len(text)
    for start, opening in enumerate(map("".join, pairwise(text))):
        if opening in longest:
            for end in range(start + 2, min(start + longest[opening], size) + 1):
                if text[start:end] in words:
                    yield start, end
