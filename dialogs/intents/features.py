"""What the learned part of understanding looks at in a sentence: characters, pairs of them, and words of the lexicon.

Three in a row, pairs with a gap and words of a tokenizer were measured too and were no better on authors left out.
Pure text: no tokenizer is asked, so that a long message costs little.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

_NUMBER = re.compile(r"[0-9]+")
_PIECE = re.compile(r"\w+")
START, END = "^", "$"
LONGEST_WORD = 7  # characters; what is longer is met by its parts


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
    """Return the features of a normalised text; numbers count as one 0, `^` and `$` are the ends of a piece."""
    text = _NUMBER.sub("0", text)
    found: set[str] = set()
    for piece in _PIECE.findall(text):
        found.update(piece)
        whole = START + piece + END
        found.update(map("".join, pairwise(whole)))
    _add_words(found, text, vocabulary)
    return found


def _add_words(found: set[str], text: str, vocabulary: Vocabulary) -> None:
    words, longest = vocabulary.words, vocabulary.longest
    size = len(text)
    for start, opening in enumerate(map("".join, pairwise(text))):
        if opening in longest:
            for end in range(start + 2, min(start + longest[opening], size) + 1):
                if (word := text[start:end]) in words:
                    found.update(words[word])
