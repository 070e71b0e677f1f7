"""A private jieba segmenter: our words and the frequent words of jieba's own dictionary, and nothing shared.

Must not touch jieba's global tokenizer, its cache file in the system's temporary folder, or its logger's users.
"""

import logging
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

# A single character, or a word of frequency 100 and more: rarer ones add load time and memory, and no understanding.
_ENTRY = re.compile(r"^(\S(?= )|\S+(?= \d{3})) (\d+)", re.MULTILINE)
_ABSENT = object()


def build_later(words: Iterable[str]) -> Callable[[str], Sequence[str]]:
    """Build the same segmenter when the first text comes: it takes a quarter of a second, and not every process hears texts."""
    lock = threading.Lock()
    built: list[Callable[[str], Sequence[str]]] = []

    def tokenize(text: str) -> Sequence[str]:
        if not built:
            with lock:
                if not built:
                    built.append(build_tokenizer(words))
        return built[0](text)

    return tokenize


def build_tokenizer(words: Iterable[str]) -> Callable[[str], Sequence[str]]:
    """Build a segmenter that keeps `words` whole: text -> words in order, which joined give the text back.

    Immutable once built and safe to call from any number of threads; the same words always cut alike (no HMM).
    """
    jieba = _import_jieba()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = _frequencies(_dictionary())
    tokenizer.initialized = True  # nothing is left to load, so neither the cache file nor its lock is ever used
    for word in sorted(set(words), key=lambda word: (len(word), word)):
        if len(word) > 1:
            tokenizer.add_word(word)

    def tokenize(text: str) -> Sequence[str]:
        return tuple(tokenizer.lcut(text, HMM=False))

    return tokenize


def _import_jieba() -> Any:
    """Import jieba quietly: its old escapes warn in newer Pythons, and pkg_resources (slow, deprecated) is not needed."""
    loaded = sys.modules.get("jieba")
    if loaded is not None:
        return loaded
    before: ModuleType | object | None = sys.modules.get("pkg_resources", _ABSENT)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*invalid escape sequence", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message=r".*invalid escape sequence", category=SyntaxWarning)
        if before is _ABSENT:
            sys.modules["pkg_resources"] = None  # type: ignore[assignment]  # jieba then opens its files itself
        try:
            jieba = import_module("jieba")
        finally:
            if before is _ABSENT:
                del sys.modules["pkg_resources"]
    jieba.setLogLevel(logging.WARNING)
    for handler in tuple(jieba.default_logger.handlers):
        jieba.default_logger.removeHandler(handler)
    return jieba


def _dictionary() -> Path:
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise RuntimeError("jieba is not installed: run `make run` or install requirements.txt")
    return Path(spec.origin).with_name("dict.txt")


def _frequencies(dictionary: Path) -> tuple[dict[str, int], int]:
    """Read word -> frequency (0 for a prefix that is no word) and the sum, as jieba keeps them."""
    found = {word: int(number) for word, number in _ENTRY.findall(dictionary.read_text(encoding="utf-8"))}
    return _with_prefixes(found), sum(found.values())


def _with_prefixes(words: Mapping[str, int]) -> dict[str, int]:
    prefixes = {word[:end]: 0 for word in words for end in range(1, len(word))}
    return {**prefixes, **words}
