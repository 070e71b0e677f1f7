"""Draws a script as a Mermaid flowchart: text in, text out, the same script always the same lines. Runs nothing."""

from __future__ import annotations

import re

from dialogs.flow import BEYOND
from dialogs.script import Ask, Compute, Do, End, Say, Script, Start, Step, Template
from dialogs.ways import Way, list_ways

_MAX_LABEL = 40
_BEYOND = "beyond"
_SIGNS = re.compile(r"\W")
_STYLES = (
    "classDef ask fill:#e8f1fb,stroke:#3b73af",
    "classDef do fill:#fff3d6,stroke:#b07d12",
    "classDef closing fill:#e6f4ea,stroke:#3c8352",
)


def draw_script(script: Script) -> str:
    """Return the flowchart: questions as boxes, effects with double sides, ends round, options and conditions on the edges."""
    nodes = [_draw_node(step) for step in script.steps]
    edges = [_draw_way(way) for way in list_ways(script)]
    if any(f" {_BEYOND}" in edge for edge in edges):
        nodes.append(f"{_BEYOND}([completed])")
    first = f"begin(({_quote(script.title)})) --> {_name(script.steps[0].id)}"
    lines = [first, *nodes, *dict.fromkeys(edges), *_STYLES]
    return "\n".join(["flowchart TD", *(f"  {line}" for line in lines), ""])


def _name(step_id: str) -> str:
    return f"s_{_SIGNS.sub('_', step_id)}"  # `end` and the like are words of Mermaid


def _draw_node(step: Step) -> str:
    name, head = _name(step.id), [step.id if step.ask_if is None else f"{step.id} if {step.ask_if.source}"]
    match step:
        case Ask():
            extra = "" if step.required else ", may be skipped"
            listed = f"from {step.options_from.items.source}" if step.options_from is not None else ""
            return f"{name}[{_quote(*head, _text(step.text), listed, f'({step.type}{extra})')}]:::ask"
        case Say():
            return f"{name}({_quote(*head, _text(step.text))})"
        case Compute():
            return f"{name}[/{_quote(*head, '= ' + step.value.source)}/]"
        case Do():
            return f"{name}[[{_quote(*head, step.effect)}]]:::do"
        case Start():
            return f"{name}>{_quote(*head, 'starts ' + step.script.source)}]"
        case End():
            return f"{name}([{_quote(*head, _text(step.text), step.result)}]):::closing"


def _text(template: Template | None) -> str:
    words = " ".join(template.source.split()) if template else ""
    return words if len(words) <= _MAX_LABEL else words[: _MAX_LABEL - 1] + "…"


def _quote(*lines: str) -> str:
    """Return a label; what Mermaid or HTML would read is written as its entity."""
    kept = [
        line.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;") for line in lines if line
    ]
    return '"' + "<br>".join(kept) + '"'


def _draw_way(way: Way) -> str:
    origin = _name(way.origin)
    target = _BEYOND if way.target == BEYOND else _name(way.target)
    if way.starts:
        target = f"other_{_SIGNS.sub('_', way.key)}_of_{origin}>{_quote('starts ' + way.starts)}]"
    if way.is_silent:
        return f"{origin} -. {_quote(*way.told)} .-> {target}"
    return f"{origin} -- {_quote(*way.told)} --> {target}" if way.told else f"{origin} --> {target}"
