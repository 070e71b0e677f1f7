"""How much a resident must say: messages from the first sentence to the last, for each service, from a full and a bare one.

Nothing is timed here. The engine, the content and the understanding are the product's; effects get made-up results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.resident import IMAGE, answer
from bot.content import load_content
from bot.tokenizer import build_tokenizer
from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.inputs import Begin, Said, World
from dialogs.intents.decision import Act, Clarify, decide
from dialogs.intents.understander import Understander, words_of
from dialogs.transcript import NOW, Rehearsal, complete_facts
from handlers.content import Content

SENTENCES = Path(__file__).with_name("effort.yaml")
OWNER = {"owner": {"bound": True, "name": "张桂兰", "title": "张阿姨", "room": "1栋-2单元-301", "community": "阳光花园"}}
REPAIRS = ("housekeeping.utilities", "housekeeping.appliances", "base.public_repair")
MOST, MOST_FOR_REPAIR = 9, 4
LIMIT = 20  # turns after which a talk counts as lost


@dataclass(frozen=True)
class Talk:
    """One service booked: what was said, in order, and how it ended."""

    service: str
    said: tuple[str, ...]
    ended: str

    @property
    def turns(self) -> int:
        """Return how many messages it took."""
        return len(self.said)


def book(content: Content, understander: Understander, service: str, sentence: str) -> Talk:
    """Book a service by a first sentence, as a resident who only answers what is asked."""
    said = [sentence]
    decision = decide(understander.understand(sentence))
    if isinstance(decision, Clarify) and any(each.intent == service for each in decision.candidates[:3]):
        said.append("1")
    elif not (isinstance(decision, Act) and decision.intent == service):
        return Talk(service, tuple(said), f"taken for {getattr(decision, 'intent', 'nothing')}")
    script = content.scripts[content.by_intent[service]]
    run = Rehearsal(script, content.texts, content.words, World(NOW, content.calendar, complete_facts(OWNER, {})))
    run.feed(Begin({}, sentence))
    run.settle()
    tries = 0
    while run.outcome.state is not None and len(said) < LIMIT:
        state = run.outcome.state
        awaiting = engine.awaiting(script, state, run.world, content.texts, content.words)
        assert awaiting is not None
        question = run.text()
        run.heard.clear()
        words = answer(
            {"type": awaiting.type.value, "options": awaiting.options, "required": awaiting.required}, question, tries
        )
        run.feed(Said(Heard("image", media_id="image-1") if words == IMAGE else Heard("text", words)))
        run.settle()
        said.append(words)
        after = run.outcome.state
        tries = tries + 1 if after is not None and after.step == state.step else 0
    return Talk(service, tuple(said), run.outcome.ended or "unfinished")


def load_sentences() -> dict[str, str]:
    """Return the full first sentence of each service."""
    found: dict[str, str] = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    return found


def book_all(content: Content, understander: Understander) -> list[tuple[Talk, Talk]]:
    """Return for each service the talk from its full sentence and the one from its bare name."""
    full = load_sentences()
    return [
        (book(content, understander, code, full[code]), book(content, understander, code, service.label))
        for code, service in content.services.items()
    ]


def find_excess(full: Talk, bare: Talk) -> list[str]:
    """Return what takes too long or does not end well."""
    most = MOST_FOR_REPAIR if full.service in REPAIRS else MOST
    found = [f"{talk.service}: {talk.ended} after {talk.said}" for talk in (full, bare) if talk.ended != "completed"]
    if full.turns > most:
        found.append(f"{full.service}: {full.turns} turns from a full sentence, not {most}")
    if bare.turns > MOST:
        found.append(f"{bare.service}: {bare.turns} turns from its bare name, not {MOST}")
    return found


def run(_folder: Path, _rounds: int) -> bool:
    """Print the table; False when a service takes too long."""
    content, lexicon = load_content()
    talks = book_all(content, Understander(lexicon, build_tokenizer(words_of(lexicon))))
    print("\nEffort: messages of the owner until the service is booked (a repair at most 4 from a full sentence, none over 9)")
    print(f"  {'service':28} {'full':>5} {'bare':>5}")
    for full, bare in talks:
        print(f"  {full.service:28} {full.turns:5} {bare.turns:5}")
    values: Mapping[str, Any] = {"full": [full.turns for full, _ in talks], "bare": [bare.turns for _, bare in talks]}
    print("  " + ", ".join(f"{name}: mean {sum(each) / len(each):.1f}, most {max(each)}" for name, each in values.items()))
    excess = [line for full, bare in talks for line in find_excess(full, bare)]
    print("\n".join(f"  too much: {line}" for line in excess))
    return not excess
