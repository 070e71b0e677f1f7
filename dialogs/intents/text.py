"""Making what people type comparable, and cutting it into clauses. Pure text, no meaning."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

Normaliser = Callable[[str], str]

LONGEST = 600  # characters looked at; a longer message keeps its beginning and its end
_STICKER = re.compile(r"\[[^\[\]]{1,4}\]")
_REPEATED = re.compile(r"([^\d\s])\1{2,}")
_PAUSE = re.compile(r"(?<=[\u4e00-\u9fff]{2})\s+(?=[\u4e00-\u9fff]{2})")  # 跟个团 国内就中: a gap for a comma
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_STOPS = re.compile(r"[,。!?;~…\n\r:.—]+")
TURN_FACTOR = 1.3
BEFORE_TURN_FACTOR = 0.85


class Clause(NamedTuple):
    """A piece of a message and how much it counts: what follows 但是 or 其实 counts more."""

    text: str
    factor: float


def build_normaliser(characters: Mapping[str, str]) -> Normaliser:
    """Return a function text -> NFKC, lower case, simplified characters, no stickers, no long repeats."""
    table = str.maketrans(dict(characters))

    def normalise(text: str) -> str:
        text = _clip(unicodedata.normalize("NFKC", text[: 4 * LONGEST])).lower().translate(table)
        text = _PAUSE.sub(",", _STICKER.sub(" ", text))
        return _GAP.sub("", _REPEATED.sub(r"\1\1", text)).strip()

    return normalise


def _clip(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]


def build_opener(greetings: Iterable[str]) -> Normaliser:
    """Return a function that takes the greetings off the beginning of a normalised text, where more follows."""
    words = "|".join(re.escape(word) for word in sorted(greetings, key=lambda word: (-len(word), word)))
    opening = re.compile(rf"(?:(?:{words})[,。!?;~…\s]+)+(?=\S{{2}})") if words else None

    def open_text(text: str) -> str:
        found = opening.match(text) if opening else None
        return text[found.end() :] if found else text

    return open_text


def build_splitter(turns: Sequence[str], joins: Sequence[str]) -> Callable[[str], tuple[Clause, ...]]:
    """Return a function that cuts normalised text at punctuation and at the given words.

    A clause opened by a turn (但是, 其实) weighs more, the clauses before it a little less.
    """
    openers = "|".join(re.escape(word) for word in sorted((*turns, *joins), key=len, reverse=True))
    cut = re.compile(f"({openers})") if openers else None
    turning = frozenset(turns)

    def split(text: str) -> tuple[Clause, ...]:
        found: list[Clause] = []
        for piece in _STOPS.split(text):
            opener = ""
            for part in cut.split(piece) if cut else (piece,):
                if cut and cut.fullmatch(part):
                    opener = part
                elif part.strip():
                    found.append(Clause(part.strip(), TURN_FACTOR if opener in turning else 1.0))
                    opener = ""
        return _weigh_before_turns(found)

    return split


def _weigh_before_turns(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    last_turn = max((at for at, clause in enumerate(clauses) if clause.factor > 1), default=0)
    return tuple(
        clause._replace(factor=BEFORE_TURN_FACTOR) if at < last_turn and clause.factor == 1 else clause
        for at, clause in enumerate(clauses)
    )
