from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

from dialogs.parse import parse_script
from dialogs.picture import Manner, draw_picture
from tests.loaded import CONTENT

SMALL = """\
id: small
kind: chat
title: 报修<b>
steps:
  - id: fault
    ask: 哪儿坏了？
    type: choice
    options:
      - {key: leak, label: 漏水}
      - {key: burst, label: 爆管 & 别的, goto: urgent}
      - {key: trip, label: 国内游, start: travel.domestic}
  - id: sure
    ask: 对吗<script>？
    type: yesno
    retries: {limit: 2, then: "goto:sorry"}
    next: [{if: sure, goto: fault}, {else: sorry}]
  - {id: urgent, say: "先关总阀{{ fault }}。", next: sorry}
  - {id: sorry, end: "", result: refused}
"""


def test_a_picture_shows_every_step_and_every_way_and_nothing_of_a_text_is_markup() -> None:
    manner = Manner({"# times not understood": "次没听懂", "else": "别的"}, {"sure": "停在这 3"}, "#step-")
    drawn = draw_picture(parse_script(SMALL, "small.yaml"), manner)
    texts = [each.text for each in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    for words in (
        "报修<b>",
        "对吗<script>？",
        "先关总阀…。",
        "停在这 3",
        "爆管 & 别的",
        "国内游 → travel.domestic",
        "2次没听懂 / 别的",
    ):
        assert words in texts, words
    assert re.findall(r'href="([^"]+)"', drawn) == ["#step-fault", "#step-sure", "#step-urgent", "#step-sorry"]
    assert drawn == draw_picture(parse_script(SMALL, "small.yaml"), manner)


def test_every_script_of_ours_is_drawn_without_style_or_two_lines_over_each_other() -> None:
    for script in CONTENT.scripts.values():
        drawn = draw_picture(script)
        ElementTree.fromstring(drawn)
        assert not re.search(r"<style|<script|\sstyle=|\son\w+=|javascript:", drawn), script.id
        lanes: dict[int, list[tuple[int, int]]] = {}
        for start, lane, end in re.findall(r'd="M436 (\d+)H(\d+)V(\d+)', drawn):
            lanes.setdefault(int(lane), []).append((min(int(start), int(end)), max(int(start), int(end))))
        for spans in lanes.values():
            ordered = sorted(set(spans))
            assert all(before[1] < after[0] for before, after in pairwise(ordered)), script.id
