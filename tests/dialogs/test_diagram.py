from __future__ import annotations

import re

import pytest

from dialogs.diagram import draw_script
from dialogs.parse import parse_script
from tests.dialogs.talk import chat
from tests.loaded import CONTENT

SMALL = """\
id: small
kind: chat
title: 报修
steps:
  - id: fault
    ask: 哪儿坏了？
    type: choice
    options:
      - {key: leak, label: 漏水}
      - {key: heating, label: 暖气, when: "now.hour > 8"}
      - {key: burst, label: 爆管, goto: urgent}
      - {key: trip, label: 国内游, start: travel.domestic}
  - {id: detail, ask: '说说"情况"', type: text, required: false, ask_if: "fault == 'leak'"}
  - id: sure
    ask: 对吗？
    type: yesno
    retries: {limit: 2, then: "goto:sorry"}
    next: [{if: sure, goto: book}, {else: sorry}]
  - {id: urgent, say: 先关总阀。, next: book}
  - {id: book, do: book_order, args: {service: "'s'"}, save: order, on_refused: sorry}
  - {id: end, end: "单号 {{ order.no }}"}
  - {id: sorry, end: "", result: refused}
"""
GOLDEN = """\
flowchart TD
  begin(("报修")) --> s_fault
  s_fault["fault<br>哪儿坏了？<br>(choice)"]:::ask
  s_detail["detail if fault == 'leak'<br>说说#quot;情况#quot;<br>(text, may be skipped)"]:::ask
  s_sure["sure<br>对吗？<br>(yesno)"]:::ask
  s_urgent("urgent<br>先关总阀。")
  s_book[["book<br>book_order"]]:::do
  s_end(["end<br>单号 {{ order.no }}<br>completed"]):::closing
  s_sorry(["sorry<br>refused"]):::closing
  s_fault -- "爆管" --> s_urgent
  s_fault -- "国内游" --> other_trip_of_s_fault>"starts travel.domestic"]
  s_fault -- "漏水<br>暖气 if now.hour #gt; 8" --> s_detail
  s_detail -. "else" .-> s_sure
  s_detail --> s_sure
  s_sure -. "2 times not understood" .-> s_sorry
  s_sure -- "sure" --> s_book
  s_sure -- "else" --> s_sorry
  s_urgent --> s_book
  s_book -- "refused" --> s_sorry
  s_book --> s_end
  classDef ask fill:#e8f1fb,stroke:#3b73af
  classDef do fill:#fff3d6,stroke:#b07d12
  classDef closing fill:#e6f4ea,stroke:#3c8352
"""


def test_a_script_is_drawn_line_by_line_as_expected() -> None:
    assert draw_script(parse_script(SMALL, "small.yaml")) == GOLDEN


@pytest.mark.parametrize("script", CONTENT.scripts.values(), ids=lambda script: script.id)
def test_every_edge_of_a_drawing_leads_from_a_node_to_a_node(script) -> None:
    lines = draw_script(script).splitlines()
    nodes = {match[1] for line in lines if (match := re.match(r"  (s_\w+|beyond)[\[(>]", line))}
    ends = {name for line in lines if "-->" in line or ".->" in line for name in re.findall(r"(?:^  |> )(s_\w+|beyond)", line)}
    assert ends - nodes == set()
    assert nodes >= {f"s_{step.id}" for step in script.steps}


def test_values_lists_and_silences_are_drawn():
    script = chat("""\
  - id: g
    ask: 哪样？
    type: choice
    options_from: {list: lists.goods, label: "{{ item.label }}"}
    retries: {then: goto:none}
    timeout: {after: 5m, then: goto:none}
  - {id: total, set: g_item.price * 2, ask_if: g_item.price > 0}
  - {id: done, end: 好。}
  - {id: none, end: 没有。}
""")
    lines = [line.strip() for line in draw_script(script).splitlines()]
    assert 's_g["g<br>哪样？<br>from lists.goods<br>(choice)"]:::ask' in lines
    assert 's_g -. "3 times not understood<br>nothing to choose" .-> s_none' in lines
    assert 's_g -. "no answer for 0:05:00" .-> s_none' in lines
    assert 's_total[/"total if g_item.price #gt; 0<br>= g_item.price * 2"/]' in lines
