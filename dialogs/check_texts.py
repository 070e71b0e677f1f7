"""Checks what a person reads and may say: options that can be told apart, texts that fit and are fit to send."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.answers.base import AnswerType
from dialogs.answers.mentions import is_number_only
from dialogs.places import Place, Problem
from dialogs.script import Ask, End, Option, Say, Script, ScriptKind, Step, Template
from dialogs.words import GlobalWords, normalise

LIMIT_BYTES = 2048  # of one message, passive or not (R10)
_HOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_HOLE_BYTES = 30  # what a hole may grow to, ten characters
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
SHOUTING = re.compile(r"[!！?？]\s*[!！]|[!！]\s*[?？]|？\s*？")
_YES_NO = ("yes", "no")


def check_options(step: Ask, words: GlobalWords | None) -> Iterator[Problem]:
    """Yield options that are double, cannot be told apart, or say what means something everywhere."""
    keys: set[str] = set()
    for option in step.options:
        if option.key in keys:
            yield Problem(option.place, "duplicate_key", f"the option key '{option.key}' stands twice in '{step.id}'")
        if not _KEY.fullmatch(option.key):
            yield Problem(option.place, "bad_key", f"'{option.key}': an option key is letters, digits and _")
        if step.type is AnswerType.YESNO and option.key not in _YES_NO:
            yield Problem(option.place, "bad_key", f"the options of a yesno are yes and no, not '{option.key}'")
        keys.add(option.key)
    yield from _check_sayings(step, words)
    if words is not None and len(step.options) > step.page:
        yield from _check_page_words(step, words)


def _check_page_words(step: Ask, words: GlobalWords) -> Iterator[Problem]:
    for option in step.options:
        for saying in (option.label.source, *option.say):
            if words.means("more", saying) or words.means("previous", saying):
                yield Problem(option.place, "page_word", f"'{saying}' turns the page of a list as long as this one")


def _check_sayings(step: Ask, words: GlobalWords | None) -> Iterator[Problem]:
    seen: dict[str, Option] = {}
    for option in step.options:
        for saying in dict.fromkeys(normalise(each) for each in (option.label.source, *option.say)):
            earlier = seen.setdefault(saying, option)
            if earlier is not option and earlier.when is None and option.when is None:
                yield Problem(option.place, "same_words", f"'{saying}' means the option '{earlier.key}' already")
            if is_number_only(saying):
                yield Problem(option.place, "digits", f"'{saying}' is a number; numbers mean the shown options")
            command = words.hear(saying) if words is not None else ""
            if command:
                yield Problem(option.place, "global_word", f"'{saying}' means {command} everywhere")


def list_texts(step: Step) -> Iterator[tuple[Template, bool]]:
    """Yield every text of a step a person may read, with whether it must say something."""
    match step:
        case Ask():
            yield step.text, not step.key
            yield from ((option.label, True) for option in step.options)
            yield from ((check.message, True) for check in step.checks)
            yield from ((each, True) for each in (step.invalid, step.unrecognised) if each is not None)
        case Say():
            yield step.text, not step.next  # an empty one may stand as a crossroads
        case End() if step.text is not None:
            yield step.text, False


def check_texts(script: Script, step: Step, forbidden: tuple[str, ...]) -> Iterator[Problem]:
    """Yield texts that are empty, shout, are too long for one message, or hold a forbidden word (R116)."""
    for text, must_speak in list_texts(step):
        place = step.place if text.place.line == 0 else text.place
        if must_speak and not text.source.strip():
            yield Problem(place, "empty_text", f"a text of '{step.id}' says nothing")
        shout = SHOUTING.search(text.source)
        if shout is not None:
            yield Problem(place.shift(shout.start()), "exclamation", "one exclamation mark is enough")
        yield from _check_forbidden(script, text, place, forbidden)
    yield from _check_size(step)


def _check_forbidden(script: Script, text: Template, place: Place, forbidden: tuple[str, ...]) -> Iterator[Problem]:
    if script.kind is ScriptKind.STAFF:
        return
    joined = re.sub(r"\s", "", text.source).casefold()
    for word in forbidden:
        if re.sub(r"\s", "", word).casefold() in joined:
            yield Problem(place, "forbidden_word", f"the text holds the forbidden word '{word}'")


def _check_size(step: Step) -> Iterator[Problem]:
    if isinstance(step, Ask):
        labels = sorted((_measure_option(option) for option in step.options), reverse=True)
        shown = labels[: step.page] + ([_measure_link("_first", len("回到第一页".encode()))] if len(labels) > step.page else [])
        size = _measure(step.text) + sum(shown)
    elif isinstance(step, Say | End) and step.text is not None:
        size = _measure(step.text)
    else:
        return
    if size > LIMIT_BYTES:
        yield Problem(step.place, "too_long", f"'{step.id}' takes {size} bytes of {LIMIT_BYTES}; shorten it or lower its page")


def _measure(text: Template) -> int:
    holes = len(_HOLE.findall(text.source))
    return len(_HOLE.sub("", text.source).encode()) + holes * _HOLE_BYTES


def _measure_option(option: Option) -> int:
    return _measure_link(option.key, _measure(option.label))


def _measure_link(key: str, label: int) -> int:
    """Return the bytes of an option's line; the host marks it with round and turn."""
    line = f'99. <a href="weixin://bizmsgmenu?msgmenucontent=&msgmenuid=t999-199.{key}"></a>\n'
    return len(line) + 2 * label
