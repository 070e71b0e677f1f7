"""How the pages of scripts put things to staff: effects and the words on a picture, from content/texts.yaml."""

from __future__ import annotations

from dialogs.effects import EFFECTS
from handlers.content import Content

_PICTURE = ("else", "only if", "refused", "completed", "nothing to choose", "# times not understood")


def name_effect(content: Content, effect: str) -> str:
    """Return an effect in plain words; its own name where texts.yaml has none."""
    return _find(content, f"effect.{effect}", effect)


def name_given(content: Content, field: str) -> str:
    """Return what a value given to an effect is called; empty for one that staff need not see."""
    return _find(content, f"effect_given.{field}", "")


def list_drawn_words(content: Content) -> dict[str, str]:
    """Return the words of a picture by the English ones it is drawn with."""
    words = {word: _find(content, f"picture.{word.lstrip('# ').replace(' ', '_')}", word) for word in _PICTURE}
    return words | {effect: name_effect(content, effect) for effect in EFFECTS}


def _find(content: Content, key: str, otherwise: str) -> str:
    phrase = content.texts.phrases.get(key)
    return otherwise if phrase is None else phrase.source
