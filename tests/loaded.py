"""The real content, read once in a test process: reading it takes a second, and many tests want it. It is never changed."""

from __future__ import annotations

from collections.abc import Callable

import bot.runtime
from bot.content import load_content
from bot.runtime import Loaded
from bot.tokenizer import build_tokenizer
from dialogs.intents.understander import Understander, words_of

CONTENT, LEXICON = load_content()
TOKENIZE = build_tokenizer(words_of(LEXICON))
UNDERSTANDER = Understander(LEXICON, TOKENIZE)


def lend(put: Callable[[object, str, object], object] = setattr) -> None:
    """Have what is run or forked from this process use it too; `put` may be a monkeypatch's, which takes it back."""
    put(bot.runtime, "SHARED", [Loaded(CONTENT, UNDERSTANDER)])
