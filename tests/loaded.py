"""The real content, read once in a test process: reading it takes a second, and many tests want it. It is never changed."""

from __future__ import annotations

import pytest

import bot.runtime
from bot.content import load_content
from bot.tokenizer import build_tokenizer
from dialogs.intents.understander import Understander, words_of

CONTENT, LEXICON = load_content()
TOKENIZE = build_tokenizer(words_of(LEXICON))
UNDERSTANDER = Understander(LEXICON, TOKENIZE)


def lend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands that are run in this process use it too: a process reads content once; so does this one."""
    monkeypatch.setattr(bot.runtime, "load_content", lambda: (CONTENT, LEXICON))
    monkeypatch.setattr(bot.runtime, "build_later", lambda _words: TOKENIZE)
