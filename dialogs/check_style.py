"""Whether a text sounds like our butler, as far as a machine can hear it: short, 您, plain words, tidy signs. Runs nothing.

Rules about words and lengths are data (content/style.yaml); what is here is about signs, and is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.answers.base import AnswerType
from dialogs.check_shown import UNKNOWN, list_forms
from dialogs.check_texts import SHOUTING
from dialogs.places import Problem
from dialogs.script import Ask, End, Say, Script, Step, Template
from dialogs.style import Style

_QUOTED = re.compile(r"「[^」]*」")
_FAMILIAR = re.compile(r"(?<!迷)你")
_HAN = r"[\u4e00-\u9fff]"
_HALF_WIDTH = re.compile(rf"(?<={_HAN})\s?[,;:!?](?={_HAN}|[「（\s]|$)|(?<={_HAN})\.(?={_HAN}|\s|$)|\((?={_HAN})|(?<={_HAN})\)")
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n]+$|^[^\S\n]+", re.MULTILINE)
_SENTENCE_END = tuple("。？！：…）" + UNKNOWN)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
_MOST_EMOJI = 1
_SPOKEN = ("question", "say")


def check_script_style(script: Script, style: Style) -> Iterator[Problem]:
    """Yield what in a script does not sound like us."""
    for step in script.steps:
        for text, kind in _list_spoken(step):
            yield from check_wording(text, kind, style)


def _list_spoken(step: Step) -> Iterator[tuple[Template, str]]:
    match step:
        case Ask():
            yield step.text, "say" if step.type is AnswerType.REVIEW else "question"
            yield from ((option.label, "label") for option in step.options)
            yield from ((check.message, "say") for check in step.checks)
            yield from ((each, "say") for each in (step.invalid, step.unrecognised) if each is not None)
        case Say():
            yield step.text, "say"
        case End() if step.text is not None:
            yield step.text, "say"


def check_wording(text: Template, kind: str, style: Style) -> Iterator[Problem]:
    """Yield what is wrong with one text. `kind` is question, label, say, hint or fragment (part of a sentence)."""
    forms = [form for form in list_forms(text) if form.strip()]
    found = dict.fromkeys(problem for form in forms for problem in _check_form(text, form, kind, style))
    yield from found


def _check_form(text: Template, form: str, kind: str, style: Style) -> Iterator[Problem]:
    yield from _check_length(text, form, kind, style)
    told = _leave_out(form, style.allowed)
    for word in style.words:
        if word.text in told:
            yield _find(text, word.text, "style_word", f"'{word.text}' is {word.group}; rather: {word.instead}")
    spoken = _QUOTED.sub("「」", form)
    if _FAMILIAR.search(spoken):
        yield _find(text, "你", "style_you", "we say 您, not 你")
    if kind == "question" and spoken.count("？") > 1:
        yield _find(text, "？", "style_questions", "one question at a time")
    if SHOUTING.search(spoken) or spoken.count("！") > 1:
        yield _find(text, "！", "exclamation", "one exclamation mark is enough")
    if len(_EMOJI.findall(form)) > _MOST_EMOJI:
        yield _find(text, "", "style_emoji", "one small picture is enough")
    yield from _check_signs(text, form)
    if kind in _SPOKEN and "\n" not in form and not form.endswith(_SENTENCE_END):
        yield _find(text, "", "style_ending", "a sentence ends with 。 or ？")


def _leave_out(form: str, allowed: tuple[str, ...]) -> str:
    for word in allowed:
        form = form.replace(word, UNKNOWN)
    return form


def _check_length(text: Template, form: str, kind: str, style: Style) -> Iterator[Problem]:
    limit = style.limits.get(kind)
    lines = form.split("\n") if kind == "say" else [form.replace("\n", "")]
    longest = max(map(len, lines))
    if limit is not None and longest > limit:
        yield _find(text, "", "style_long", f"{longest} characters; a {kind} has at most {limit}")


def _check_signs(text: Template, form: str) -> Iterator[Problem]:
    half = _HALF_WIDTH.search(form)
    if half is not None:
        sign = half[0].strip()
        yield _find(
            text, form[max(0, half.start() - 1) : half.end()], "style_width", f"between Chinese words '{sign}' is written wide"
        )
    if _SPACES.search(form.replace(UNKNOWN, "x")) and _SPACES.search(text.source):
        yield _find(text, "  ", "style_spaces", "a blank too many")


def _find(text: Template, wanted: str, code: str, message: str) -> Problem:
    """Return a problem at the wanted words where they stand in the source, else where the text begins."""
    at = text.source.find(wanted) if wanted else 0
    return Problem(text.place.shift(max(0, at)), code, message)
