"""Draws a script as an SVG picture: the steps under each other as in the file, jumps as lines beside them. Runs nothing.

Only attributes, no style sheet and no script, so a page with a strict policy may show it. Words of ours come from outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from dialogs.flow import BEYOND
from dialogs.script import Ask, Compute, Do, End, Say, Script, Start, Step
from dialogs.ways import Way, list_ways

WIDTH, MARGIN, BESIDE, LANE = 420, 16, 190, 12  # of a box, around, for labels beside it, of a line that jumps
LINE, GAP, EXIT = 20, 40, 20  # heights: a line of text, between boxes, of one way out
ENTRY_TOP, EXIT_TOP = 9, 34  # where lines meet a box
WIDEST, LABEL_WIDEST = 56, 26  # half-widths of characters in a box, in a label
MOST_LINES = 3
FILLS = {"ask": "#e8f1fb", "do": "#fff3d6", "end": "#e6f4ea", "other": "#fffdf9"}
EDGES = {"ask": "#3b73af", "do": "#b07d12", "end": "#3c8352", "other": "#b8b0a0"}
_HOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}"'


@dataclass(frozen=True, slots=True)
class Manner:
    """How a picture is drawn: our words by their English ones, a mark on some steps, where a step links to (empty: nowhere)."""

    words: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    link: str = ""

    def say(self, word: str) -> str:
        """Return a word of ours as the reader knows it; `2 times not understood` keeps its number."""
        number = re.match(r"\d+ ", word)
        if number:
            return number[0].strip() + self.say(f"#{word[number.end() - 1 :]}")
        return self.words.get(word, word.removeprefix("#"))


@dataclass(slots=True)
class _Box:
    """A step on the picture."""

    id: str
    kind: str
    lines: list[str]
    outs: list[Way]
    down: Way | None
    top: int = 0

    @property
    def height(self) -> int:
        return max(26 + LINE * len(self.lines), EXIT_TOP - 4 + EXIT * len(self.outs))


def draw_picture(script: Script, manner: Manner | None = None) -> str:
    """Return the SVG; the same script in the same manner is always the same text."""
    manner = manner or Manner()
    boxes = _stack(script, manner)
    jumps = _find_lanes(boxes)
    height = boxes[BEYOND].top + 40
    width = MARGIN + WIDTH + BESIDE + LANE * (1 + max(jumps.values(), default=0)) + MARGIN
    head = _HEAD.format(width, height, escape(script.title, quote=True))
    font = 'font-family="sans-serif" font-size="14" fill="#2b2a27">'
    parts = [f"{head} {font}", f'<text x="{MARGIN}" y="22" font-weight="bold">{escape(script.title)}</text>']
    for box in boxes.values():
        parts += _draw_box(box, manner)
        parts += _draw_outs(box, boxes, jumps, manner)
    return "\n".join([*parts, "</svg>\n"])


def _stack(script: Script, manner: Manner) -> dict[str, _Box]:
    """Return the boxes from top to bottom, the end of the file last."""
    ways: dict[str, list[Way]] = {}
    for way in list_ways(script):
        ways.setdefault(way.origin, []).append(way)
    boxes, top = {}, 40
    for position, step in enumerate(script.steps):
        following = script.steps[position + 1].id if position + 1 < len(script.steps) else BEYOND
        every = _join(ways.get(step.id, []))
        outs = [way for way in every if way.target != following or way.starts]
        down = next((way for way in every if way not in outs), None)
        box = _Box(step.id, _find_kind(step), _write(step, manner), outs, down, top)
        boxes[step.id], top = box, top + box.height + GAP
    boxes[BEYOND] = _Box(BEYOND, "end", [], [], None, top)
    return boxes


def _join(ways: Sequence[Way]) -> list[Way]:
    """Return the ways with those to one place made one."""
    found: dict[tuple[str, str], Way] = {}
    for way in ways:
        key = (way.target, way.starts)
        before = found.get(key)
        told = tuple(dict.fromkeys((*before.told, *way.told))) if before else way.told
        is_silent = way.is_silent and (before is None or before.is_silent)
        found[key] = Way(way.origin, way.target, told, is_silent, way.starts, way.key)
    return list(found.values())


def _find_kind(step: Step) -> str:
    return "ask" if isinstance(step, Ask) else "do" if isinstance(step, Do) else "end" if isinstance(step, End) else "other"


def _write(step: Step, manner: Manner) -> list[str]:
    """Return the lines of a box: what is said or done, the options, the condition."""
    lines: list[str] = []
    match step:
        case Ask():
            lines = _wrap(step.text.source or manner.say(step.key))
            lines += [_clip(" | ".join(option.label.source for option in step.options), WIDEST)] if step.options else []
        case Say() | End():
            lines = _wrap(step.text.source if step.text else manner.say(getattr(step, "key", "")))
        case Compute():
            lines = _wrap(f"= {step.value.source}")
        case Do():
            lines = _wrap(manner.say(step.effect))
        case Start():
            lines = _wrap(f"→ {step.script.source}")
    condition = [_clip(f"{manner.say('only if')} {step.ask_if.source}", WIDEST)] if step.ask_if is not None else []
    return [*lines, *condition]


def _draw_box(box: _Box, manner: Manner) -> list[str]:
    if box.id == BEYOND:
        return [f'<text x="{MARGIN}" y="{box.top + 16}" fill="#6b675f">{escape(manner.say("completed"))}</text>']
    fill, edge, radius = FILLS[box.kind], EDGES[box.kind], 18 if box.kind == "end" else 6
    shape = f'<rect x="{MARGIN}" y="{box.top}" width="{WIDTH}" height="{box.height}" rx="{radius}"'
    caption = f'<text x="{MARGIN + 12}" y="{box.top + 17}" font-size="12" fill="#6b675f">{escape(_clip(box.id, 40))}</text>'
    lines = [
        f'<text x="{MARGIN + 12}" y="{box.top + 17 + LINE * number}">{escape(line)}</text>'
        for number, line in enumerate(box.lines, 1)
    ]
    mark = manner.marks.get(box.id, "")
    told = [f'<text x="{MARGIN + WIDTH - 12}" y="{box.top + 17}" text-anchor="end" fill="#a23b2a">{escape(mark)}</text>']
    drawn = [f'{shape} fill="{fill}" stroke="{edge}"/>', caption, *lines, *(told if mark else [])]
    return [f'<a href="{escape(manner.link + box.id, quote=True)}">', *drawn, "</a>"] if manner.link else drawn


def _draw_outs(box: _Box, boxes: Mapping[str, _Box], jumps: Mapping[tuple[str, str], int], manner: Manner) -> list[str]:
    """Draw the ways out of a box: straight down to the next one, beside the boxes to any other, a stub out of the script."""
    drawn = _draw_down(box, boxes[box.down.target], box.down, manner) if box.down is not None else []
    right = MARGIN + WIDTH
    for number, way in enumerate(box.outs):
        y, dash = box.top + EXIT_TOP + EXIT * number, ' stroke-dasharray="4 3"' if way.is_silent else ""
        label = _tell(way, manner)
        if way.starts:
            path, label = f"M{right} {y}H{right + BESIDE - 20}", f"{label} → {way.starts}"
        else:
            lane, target = right + BESIDE + LANE * jumps[box.id, way.target], boxes[way.target].top + ENTRY_TOP
            path = f"M{right} {y}H{lane}V{target}H{right + 2}"
            drawn.append(f'<path d="M{right + 1} {target}l7 -4v8z" fill="#6b675f"/>')
        drawn += _draw_text(right + 8, y - 4, label)
        drawn.append(f'<path d="{path}" stroke="#6b675f" fill="none" stroke-linejoin="round"{dash}/>')
    return drawn


def _tell(way: Way, manner: Manner) -> str:
    return " / ".join(manner.say(each) for each in way.told)


def _draw_down(box: _Box, target: _Box, way: Way, manner: Manner) -> list[str]:
    """Draw the arrow to the next box; what leads there is only told where something else leads elsewhere."""
    x, start, end = MARGIN + 28, box.top + box.height, target.top - 2
    dash, label = ' stroke-dasharray="4 3"' if way.is_silent else "", _tell(way, manner) if box.outs else ""
    drawn = [f'<path d="M{x} {start}V{end - 6}" stroke="#6b675f"{dash}/>', f'<path d="M{x} {end}l-4 -7h8z" fill="#6b675f"/>']
    return [*drawn, *_draw_text(x + 12, (start + end) // 2 + 4, label, WIDEST)]


def _draw_text(x: int, y: int, text: str, widest: int = LABEL_WIDEST) -> list[str]:
    shown = escape(_clip(text, widest))
    return [f'<text x="{x}" y="{y}" font-size="12" fill="#6b675f">{shown}</text>'] if shown else []


def _find_lanes(boxes: Mapping[str, _Box]) -> dict[tuple[str, str], int]:
    """Return the lane of every way that passes a box, short ways innermost, so that no two run over each other."""
    order = {name: number for number, name in enumerate(boxes)}
    ways = {(box.id, way.target) for box in boxes.values() for way in box.outs if not way.starts}
    taken: list[list[tuple[int, int]]] = []
    lanes: dict[tuple[str, str], int] = {}
    for origin, target in sorted(ways, key=lambda way: (abs(order[way[1]] - order[way[0]]), order[way[0]], order[way[1]])):
        low, high = sorted((order[origin], order[target]))
        lane = next((n for n, used in enumerate(taken) if all(high < a or low > b for a, b in used)), len(taken))
        taken[lane:] = taken[lane:] or [[]]
        taken[lane].append((low, high))
        lanes[origin, target] = lane
    return lanes


def _wrap(text: str) -> list[str]:
    """Return a text in a few lines; dots stand for what a script fills in."""
    words = " ".join(_HOLE.sub("…", text).split())
    lines: list[str] = []
    while words and len(lines) < MOST_LINES:
        end = _fit(words, WIDEST)
        lines.append(words[:end])
        words = words[end:]
    return [*lines[:-1], lines[-1][:-1] + "…"] if words else lines


def _clip(text: str, widest: int) -> str:
    words = " ".join(_HOLE.sub("…", text).split())
    end = _fit(words, widest)
    return words if end == len(words) else words[: end - 1] + "…"


def _fit(text: str, widest: int) -> int:
    """Return how many characters fit; a Chinese one is as wide as two others."""
    width = 0
    for number, letter in enumerate(text):
        width += 2 if ord(letter) > 0x2000 else 1
        if width > widest:
            return number
    return len(text)
