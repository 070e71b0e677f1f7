"""The words of the language in English and Chinese, and what each word of a vocabulary means as a condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from models.audience.fields import BUILT_IN, FIELDS, FORBIDDEN, RELATION_WORDS, WORDS, Field, Kind, Place
from models.audience.nodes import Condition, Everyone, Node, Operator, Or
from models.vocabulary import LISTED, Alias, TagKey, TagKind, Vocabulary

AND = ("and", "并且", "而且", "且", "和")
OR = ("or", "或者", "或")
NOT = ("not", "不是", "没有", "并非", "非", "不", "未")
OPERATORS: dict[str, Operator] = {
    "in": Operator.IN,
    "not in": Operator.NOT_IN,
    "between": Operator.BETWEEN,
    "不等于": Operator.NOT_EQUAL,
    "大于等于": Operator.AT_LEAST,
    "小于等于": Operator.AT_MOST,
    "不属于": Operator.NOT_IN,
    "不是": Operator.NOT_EQUAL,
    "不在": Operator.NOT_IN,
    "不小于": Operator.AT_LEAST,
    "不大于": Operator.AT_MOST,
    "等于": Operator.EQUAL,
    "大于": Operator.MORE,
    "小于": Operator.LESS,
    "至少": Operator.AT_LEAST,
    "至多": Operator.AT_MOST,
    "包含": Operator.CONTAINS,
    "开头是": Operator.PREFIX,
    "属于": Operator.IN,
    "介于": Operator.BETWEEN,
    "是": Operator.EQUAL,
    "在": Operator.IN,
}
BETWEEN = (*AND, "到", "至")
EVERYONE = ("everyone", "all", "全部业主", "所有业主", "全体业主", "所有人", "全部")
TAG_FIELD = ("tag", "标签")
FUNCTIONS = ("tag", "any_tag", "all_tags", "has", "empty", "seen", "sample", "age")
ROLE_KEY, STAGE_KEY = "family.role", "house.stage"
_KINDS = {
    TagKind.CHOICE: Kind.CHOICE,
    TagKind.MULTI: Kind.CHOICE,
    TagKind.NUMBER: Kind.NUMBER,
    TagKind.TEXT: Kind.TEXT,
    TagKind.DATE: Kind.DATE,
    TagKind.MONTH: Kind.MONTH,
}


def starts_with_any(text: str, words: tuple[str, ...]) -> str:
    """Return the Chinese word of the list that the text starts with, empty when there is none."""
    return next((word for word in words if not word.isascii() and text.startswith(word)), "")


@dataclass(frozen=True)
class Forbidden:
    """A word that is known and must not be used."""


Meaning = Field | Node | Forbidden


@dataclass(frozen=True, eq=False)
class Lexicon:
    """What words mean under one vocabulary."""

    vocabulary: Vocabulary

    @cached_property
    def meanings(self) -> dict[str, Meaning]:
        """Return every word that may start a condition; what is later here wins over what is earlier."""
        found: dict[str, Meaning] = {}
        for word in self.vocabulary.list_words():
            tags = self.vocabulary.find_tags(word)
            if len(tags) == 1 and not word.isascii():
                found[word] = self._read_alias(Alias(word, tags[0][0], (tags[0][1],)))
        found |= WORDS
        if ROLE_KEY in self.vocabulary.keys:
            found |= {word: self._read_alias(Alias(word, ROLE_KEY, (value,))) for word, value in RELATION_WORDS.items()}
        found |= {word: self._read_alias(alias) for word, alias in self.vocabulary.aliases.items()}
        for key in self.vocabulary.keys.values():
            found[key.label] = found[key.key] = _read_key(key)
        found |= {word: field for field in FIELDS for word in (field.name, *field.words)}
        found |= dict.fromkeys(EVERYONE, Everyone())
        found |= dict.fromkeys(FORBIDDEN, Forbidden())
        return found

    def find(self, word: str) -> Meaning | None:
        """Return what a word means at the start of a condition; the case of ASCII letters is of no account."""
        meaning = self.meanings.get(word) or self.meanings.get(word.lower())
        return Forbidden() if meaning is None and self.vocabulary.is_forbidden(word) else meaning

    def find_prefix(self, run: str) -> str:
        """Return the longest known word that a run starts with and that may end there, empty when none."""
        return next((word for word in self._list_prefixes(run) if self._may_follow(run[len(word) :])), "")

    def is_tail(self, text: str) -> bool:
        """Tell whether a text can go on after a condition: a connective, then something known."""
        word = starts_with_any(text, AND + OR)
        if not word:
            return False
        rest = text.removeprefix(word)
        bare = rest.removeprefix(starts_with_any(rest, NOT))
        return any(not part or part in FUNCTIONS or part in TAG_FIELD or self._knows_start(part) for part in (rest, bare))

    def _list_prefixes(self, run: str) -> Iterator[str]:
        for end in range(min(len(run), self._longest), 0, -1):
            if run[:end] in self.meanings:
                yield run[:end]

    def _knows_start(self, text: str) -> bool:
        return next(self._list_prefixes(text), None) is not None

    @cached_property
    def _longest(self) -> int:
        return max(len(word) for word in self.meanings)

    def _may_follow(self, text: str) -> bool:
        return not text or bool(starts_with_any(text, (*AND, *OR, *OPERATORS)))

    def _read_alias(self, alias: Alias) -> Meaning:
        """Return what a word asks: stage and role of a person are in the register, a role may be a tag too."""
        key = self.vocabulary.keys[alias.key]
        if not key.is_in_audiences:
            return Forbidden()
        if alias.minimum is not None:
            return Condition(alias.key, Operator.AT_LEAST, (alias.minimum,))
        operator = Operator.EQUAL if len(alias.values) == 1 else Operator.IN
        if alias.key == STAGE_KEY:
            return Condition("stage", operator, alias.values)
        tagged = Condition(alias.key, operator, alias.values)
        return Or((Condition("relation", operator, alias.values), tagged)) if alias.key == ROLE_KEY else tagged


def _read_key(key: TagKey) -> Meaning:
    if not key.is_in_audiences:
        return Forbidden()
    if key.key == STAGE_KEY:
        return BUILT_IN["stage"]
    values = {value: value for value in key.values}
    choices = {**values, **key.aliases, **values} if key.kind in LISTED else {}  # in the order of the values
    return Field(key.key, _KINDS[key.kind], Place.TAG, (key.label,), choices, is_sealed=key.level > 1)


@lru_cache(maxsize=8)
def get_lexicon(vocabulary: Vocabulary) -> Lexicon:
    """Return the lexicon of a vocabulary, made once."""
    return Lexicon(vocabulary)
