"""The real content, read once in a test process: reading it takes a second, and many tests want it. It is never changed."""

from __future__ import annotations

from bot.content import load_content
from bot.tokenizer import build_tokenizer
from dialogs.intents.understander import Understander, words_of

CONTENT, LEXICON = load_content()
UNDERSTANDER = Understander(LEXICON, build_tokenizer(words_of(LEXICON)))
