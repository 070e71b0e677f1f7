"""Draws a script as a Mermaid flowchart: text in, text out, the same script always the same lines. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.flow import resolve
from dialogs.script import Ask, Compute, Do, End, Option, Say, Script, Start, Step, Template

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
    edges = [edge for position, step in enumerate(script.steps) for edge in _list_edges(script, step, position)]
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


def _list_edges(script: Script, step: Step, position: int) -> Iterator[str]:
    origin = _name(step.id)
    following = _name(script.steps[position + 1].id) if position + 1 < len(script.steps) else _BEYOND
    if step.ask_if is not None:
        yield f"{origin} -. {_quote('else')} .-> {following}"
    if isinstance(step, Ask):
        yield from _list_answers(script, step)
    if isinstance(step, Do) and step.on_refused:
        yield f"{origin} -- {_quote('refused')} --> {_target(script, step.on_refused)}"
    if not isinstance(step, End | Start):
        yield from _list_ways_on(script, step, following)


def _target(script: Script, step_id: str) -> str:
    return _name(resolve(script, step_id))


def _list_answers(script: Script, step: Ask) -> Iterator[str]:
    """Yield the options that lead somewhere of their own, and what comes after too many answers that do not fit."""
    origin = _name(step.id)
    for option in step.options:
        if option.goto:
            yield f"{origin} -- {_quote(_tell(option))} --> {_target(script, option.goto)}"
        elif option.start:
            beyond = f"other_{_SIGNS.sub('_', option.key)}_of_{origin}>{_quote('starts ' + option.start)}]"
            yield f"{origin} -- {_quote(_tell(option))} --> {beyond}"
    if step.retries.then.startswith("goto:"):
        target = _target(script, step.retries.then.removeprefix("goto:"))
        told = "nothing to choose" if step.options_from is not None else ""
        yield f"{origin} -. {_quote(f'{step.retries.limit} times not understood', told)} .-> {target}"
    if step.timeout is not None and step.timeout.then.startswith("goto:"):
        target = _target(script, step.timeout.then.removeprefix("goto:"))
        yield f"{origin} -. {_quote(f'no answer for {step.timeout.after}')} .-> {target}"


def _tell(option: Option) -> str:
    return option.label.source if option.when is None else f"{option.label.source} if {option.when.source}"


def _list_ways_on(script: Script, step: Ask | Say | Compute | Do, following: str) -> Iterator[str]:
    """Yield the ways all other answers take."""
    others = [_tell(option) for option in step.options if not option.goto and not option.start] if isinstance(step, Ask) else []
    if isinstance(step, Ask) and step.options and not others and step.required:
        return
    for branch in step.next:
        lines = [*others, branch.condition.source if branch.condition else "else" if len(step.next) > 1 else ""]
        yield _draw_way(script, step, _target(script, branch.target), lines)
    if not step.next or step.next[-1].condition is not None:
        yield _draw_way(script, step, following, others)


def _draw_way(script: Script, step: Step, target: str, lines: list[str]) -> str:
    told = [line for line in lines if line]
    return f"{_name(step.id)} -- {_quote(*told)} --> {target}" if told else f"{_name(step.id)} --> {target}"
