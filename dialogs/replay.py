"""Runs recorded conversations on another revision and tells what the bot would say differently. Pure, writes nothing.

Effects get the made-up results of a script's own tests, so the revision of that time is run beside the new one in the
same made-up world: what differs then comes from the script alone. Where that revision is not kept, the replies that
were really given are the measure.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape

from dialogs import transcript
from dialogs.answers.base import Heard
from dialogs.calendar import Calendar
from dialogs.inputs import Begin, Said, World
from dialogs.parse_tests import parse_test
from dialogs.places import Problem, ScriptError
from dialogs.script import Script, ScriptTest, Turn
from dialogs.source import read_yaml
from dialogs.texts import EngineTexts
from dialogs.words import GlobalWords

_LINK = re.compile(r"<a [^>]*>(.*?)</a>", re.DOTALL)
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_OWNER = {"owner": {"bound": True, "room": "1栋-2单元-301", "name": "张阿姨"}}
_PERSON = ("owner", "staff")


@dataclass(frozen=True, slots=True)
class Message:
    """One recorded message: what came, when (local), and the reply that was given; None is silence."""

    heard: Heard
    at: datetime
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One conversation as it was: the first message began it. `script` is the revision of that time, if it is kept.

    `is_sentence` says that the first message was a sentence taken for a wish, and not a word or tap that opens a script.
    """

    name: str
    messages: tuple[Message, ...]
    script: Script | None = None
    is_sentence: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """What a replay brought: `diff` is empty when the bot says the same."""

    name: str
    diff: str = ""

    @property
    def is_same(self) -> bool:
        """Say whether nothing differs."""
        return not self.diff


def compare_recorded(
    script: Script, recording: Recording, texts: EngineTexts, words: GlobalWords, calendar: Calendar
) -> Compared:
    """Run a recording on `script` and compare it with what was said then."""
    now = _run(script, recording, texts, words, calendar)
    if recording.script is not None:
        then = _run(recording.script, recording, texts, words, calendar)
    else:
        then = [_read_reply(message.reply) for message in recording.messages]
    said = [_describe(message.heard) for message in recording.messages]
    return Compared(recording.name, _compare(said, then, now))


def compare_transcripts(
    script: Script, text: str, file: str, texts: EngineTexts, words: GlobalWords, calendar: Calendar
) -> list[Compared]:
    """Run transcripts, a list or the `tests` of a script file, and compare what they expect. ScriptError when unreadable."""
    root = read_yaml(text, file)
    node = root if root.kind == "list" else root.get("tests")
    if node is None or node.kind != "list":
        raise ScriptError((Problem(root.place, "wrong_type", "transcripts are a list, or the list under 'tests'"),))
    problems: list[Problem] = []
    tests = [parse_test(item, problems) for item in node.items]
    if problems:
        raise ScriptError(tuple(problems))
    return [_compare_transcript(script, test, texts, words, calendar) for test in tests]


def mask(text: str) -> str:
    """Hide the middle of every phone number."""
    return _PHONE.sub(r"\1****\2", text)


def _run(script: Script, recording: Recording, texts: EngineTexts, words: GlobalWords, calendar: Calendar) -> list[list[str]]:
    """Return the lines the bot says to each message."""
    first = recording.messages[0]
    args, sentence = transcript.split_command(script, first.heard.text)
    facts = transcript.complete_facts(_OWNER, args)
    run = transcript.Rehearsal(script, texts, words, World(first.at, calendar, facts))
    run.feed(Begin({"args": args} if args else {}, sentence if recording.is_sentence else ""))
    said = [_listen(run)]
    for message in recording.messages[1:]:
        run.world = replace(run.world, now=message.at)
        if run.outcome.state is not None:
            run.feed(Said(message.heard))
        said.append(_listen(run))
    return said


def _listen(run: transcript.Rehearsal) -> list[str]:
    """Return what was said and done since the last message, effects answered."""
    run.settle()
    lines = mask(run.text()).splitlines()
    lines += [f"[asked] {run.asked}"] if run.asked else []
    lines += [f"[start] {run.outcome.start.script}"] if run.outcome.start is not None else []
    lines += [f"[ended] {run.outcome.ended}"] if run.outcome.ended is not None else []
    is_over = run.outcome.state is None and not lines
    run.heard.clear()
    run.asked = ""
    return ["[over]"] if is_over else lines


def _read_reply(reply: str | None) -> list[str]:
    """Return a reply as a phone showed it: options as numbered lines, without their links."""
    return mask(unescape(_LINK.sub(r"\1", reply or ""))).splitlines()


def _describe(heard: Heard) -> str:
    return mask(heard.text) if heard.text else f"[{heard.kind}]"


def _compare(said: Sequence[str], then: Sequence[list[str]], now: Sequence[list[str]]) -> str:
    if list(then) == list(now):
        return ""
    return _render_diff(_list_lines(said, then), _list_lines(said, now))


def _list_lines(said: Sequence[str], answered: Sequence[list[str]]) -> list[str]:
    return [line for text, lines in zip(said, answered, strict=True) for line in (f"> {text}", *lines)]


def _render_diff(then: list[str], now: list[str]) -> str:
    return "\n".join(difflib.unified_diff(then, now, "then", "now", lineterm="", n=2))


def _compare_transcript(
    script: Script, test: ScriptTest, texts: EngineTexts, words: GlobalWords, calendar: Calendar
) -> Compared:
    """Compare a transcript line by line: what holds stands on both sides, what does not is told as it was."""
    then: list[str] = []
    now: list[str] = []
    failures = transcript.run_test(script, test, texts, words, calendar)
    for turn in test.turns:
        line = _write(turn)
        failed = [each for each in failures if each.startswith(f"{turn.place}: ")]
        then.append(line)
        now += [mask(each.removeprefix(f"{turn.place}: ")) for each in failed] or [line]
    return Compared(test.name, _render_diff(then, now))


def _write(turn: Turn) -> str:
    if turn.who in _PERSON:
        return f"> {mask(turn.text)}"
    return f"{turn.who}: {mask(turn.text)}" + (f" {dict(turn.given)}" if turn.given else "")
