"""One person talking to one script: the real texts and words, made-up effects, every state dumped and loaded."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.calendar import Calendar
from dialogs.inputs import Begin, Ran, Refused, Said, Tapped, World
from dialogs.outcome import Outcome, render_plain
from dialogs.parse import parse_script
from dialogs.state import dump_state, load_state
from dialogs.texts import parse_texts
from dialogs.words import parse_words

CONTENT = Path(__file__).parents[2] / "content"
TEXTS = parse_texts((CONTENT / "texts.yaml").read_text(encoding="utf-8"), "texts.yaml")
WORDS = parse_words((CONTENT / "words.yaml").read_text(encoding="utf-8"), "words.yaml")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=8)))
WORLD = World(NOW, Calendar(), {"owner": {"name": "张阿姨", "bound": True, "rooms": []}})

REPAIR = """\
id: repair
kind: service
title: 报修
vars: [service]
steps:
  - id: fault
    ask: 哪儿坏了？
    type: choice
    name: 问题
    options:
      - {key: leak, label: 漏水, say: [滴水]}
      - {key: burst, label: 爆管, goto: urgent}
      - {key: other, label: 其他情况}
  - {id: detail, ask: 什么情况？, type: text, max: 20, name: 情况, ask_if: "fault == 'other'"}
  - id: when
    ask: 哪天方便？
    type: datetime
    name: 上门时间
    check:
      - {if: days_until(v) <= 30, else: 一个月内的都可以。}
  - {id: phone, ask: 手机号？, type: phone, name: 电话, sensitive: true}
  - {id: photo, ask: 拍张照片？, type: image, name: 照片, required: false}
  - {id: review, ask: 核对一下。, type: review}
  - id: book
    do: book_order
    args: {service: "'housekeeping.utilities'", urgent: "fault == 'burst'"}
    save: order
    on_refused: sorry
  - {id: rate, ask: 打个分？, type: rating, required: false}
  - {id: done, end: "单号 {{ order.no }}，{{ fault }}，{{ phone }}。"}
  - {id: urgent, say: 先关总阀。, next: book}
  - {id: sorry, end: "没办成：{{ order.reason }}", result: refused}
"""


def chat(steps: str, head: str = ""):
    """Return a small script of these steps."""
    return parse_script(f"id: small\nkind: chat\ntitle: t\n{head}steps:\n{steps}", "small.yaml")


class Talk:
    """Feeds messages and remembers what came of the last one."""

    def __init__(self, script=REPAIR, sentence="", world=WORLD, *, results=(), **given):
        self.script = parse_script(script, "repair.yaml") if isinstance(script, str) else script
        self.world = world
        self.results = list(results)
        self.effects = []
        self.outcome = Outcome(None)
        self.feed(Begin(given, sentence))

    def feed(self, given):
        """Run one turn to its next wait for the person, answering effects."""
        replies = []
        while True:
            out = engine.step(self.script, self.state, given, self.world, TEXTS, WORDS)
            replies += out.replies
            self.effects += out.effects
            state = out.state and load_state(json.loads(json.dumps(dump_state(out.state))))
            assert state == out.state
            self.outcome = out
            if state is None or not state.waiting_effect or (isinstance(given, Said | Tapped) and not out.effects):
                break
            given = self.results.pop(0) if self.results else Ran({"no": "D1"})
        self.replies = tuple(replies)
        self.said = "\n".join(render_plain(reply) for reply in replies)
        return self

    def say(self, *texts):
        """Send texts one after another."""
        for text in texts:
            self.feed(Said(Heard("text", text)))
        return self

    def send(self, kind, **parts):
        """Send a picture, voice, place ..."""
        return self.feed(Said(Heard(kind, **parts)))

    def tap(self, key, turn=None, label=""):
        """Tap an option of the current prompt, or of an older one."""
        return self.feed(Tapped(self.state.turn if turn is None else turn, key, label))

    @property
    def state(self):
        return self.outcome.state

    @property
    def step(self):
        return self.state.step

    def value(self, name):
        return self.state.answers[name].value

    def awaiting(self):
        return engine.awaiting(self.script, self.state, self.world, TEXTS, WORDS)

    def repeat(self):
        return engine.repeat(self.script, self.state, self.world, TEXTS, WORDS)


def refused(reason, **result):
    """Return the refusal of an effect."""
    return Refused(reason, result)
