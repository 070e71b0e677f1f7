"""Reads what staff write about tags: `+养犬 -有车`, `+pet.kind=犬`. Knows the vocabulary, no people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.errors import InvalidInputError
from models.vocabulary import Vocabulary

_PLAIN = r"[^+\-＋－\s,，、;；]"
_INSIDE = rf"[+＋](?=[\s,，、;；]|$)|[+＋][12]孩{_PLAIN}*|-{_PLAIN}+"  # a sign that belongs to the value: 2+, 夫妻+1孩, 1-2
_CHANGE = re.compile(rf"([+\-＋－])\s*({_PLAIN}+(?:{_INSIDE})*)")


class UnknownTagError(InvalidInputError):
    """A tag that the vocabulary does not have or that nobody may write; `word` names it."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, slots=True)
class TagWish:
    """Add or remove one value of one key."""

    is_added: bool
    key: str
    value: str


def read_changes(vocabulary: Vocabulary, words: Iterable[tuple[bool, str]]) -> list[TagWish]:
    """Return the changes that (is_added, `key=value` or a word of the vocabulary) stand for; UnknownTagError else."""
    return [change for is_added, word in words for change in _read_change(vocabulary, is_added, word)]


def split_changes(text: str) -> list[tuple[bool, str]]:
    """Return (is_added, word) of a text like `+养犬 -有车`."""
    return [(sign in "+＋", word) for sign, word in _CHANGE.findall(text)]


def split_words(words: Iterable[str]) -> list[tuple[bool, str]]:
    """Return (is_added, word) of words that each begin with a sign; raises InvalidInputError for any that does not."""
    given = list(words)
    pairs = [(word[0] in "+＋", word[1:]) for word in given if len(word) > 1 and word[0] in "+-＋－"]
    if not pairs or len(pairs) != len(given):
        raise InvalidInputError("changes look like +key=value or -key=value")
    return pairs


def _read_change(vocabulary: Vocabulary, is_added: bool, word: str) -> list[TagWish]:
    """Return the changes of one word. A word for several values (有车) adds the first of them and removes them all."""
    if vocabulary.is_forbidden(word):
        raise UnknownTagError(word, f"{word}: this is never kept about owners")
    found = _read_pair(vocabulary, word) if "=" in word or "＝" in word else _read_word(vocabulary, word)
    if is_added and vocabulary.keys[found[0][0]].is_computed:
        raise UnknownTagError(word, f"{word}: is computed")
    return [TagWish(is_added, *pair) for pair in (found[:1] if is_added else found)]


def _read_pair(vocabulary: Vocabulary, word: str) -> list[tuple[str, str]]:
    name, _, text = word.replace("＝", "=").partition("=")
    key = vocabulary.find_key(name.strip())
    value = key.read_value(text) if key else None
    if key is None or value is None:
        allowed = f"; values: {', '.join(key.values)}" if key and key.values else ""
        raise UnknownTagError(word, f"{word}: content/tags.yaml has no such tag{allowed}")
    return [(key.key, value)]


def _read_word(vocabulary: Vocabulary, word: str) -> list[tuple[str, str]]:
    alias = vocabulary.aliases.get(word)
    if alias is not None:
        values = alias.values or ((f"{alias.minimum:g}",) if alias.minimum is not None else ())
        return [(alias.key, value) for value in values]
    meanings = vocabulary.find_tags(word)
    if len(meanings) != 1:
        hint = ": write it as key=value" if meanings else ": content/tags.yaml has no such tag"
        raise UnknownTagError(word, f"{word}{hint}")
    return list(meanings)
