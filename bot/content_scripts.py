"""Reads content/parts, scripts and surveys. Knows files and how parts and scripts belong together, nothing else of content/."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialogs.bundles import bundle_source, split_source
from dialogs.parse import parse_node
from dialogs.places import ScriptError
from dialogs.script import Script, ScriptKind
from dialogs.source import Node, read_yaml

if TYPE_CHECKING:
    from bot.content import Library


ROOMS = ("scripts", "surveys")


@dataclass(frozen=True, slots=True)
class Parts:
    """What scripts may call: each part as read, as a script of its own, and as written; by id."""

    nodes: dict[str, Node] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)


def read_parts(library: Library) -> Parts:
    """Read content/parts; what is wrong is noted."""
    parts = Parts()
    for path in sorted((library.folder / "parts").glob("*.yaml")):
        node = library.read(f"parts/{path.name}", read_yaml)
        if node is None:
            continue
        if node.text_of("kind") != ScriptKind.PART:
            library.note(path, "a file in content/parts has `kind: part`", "not_a_part")
        elif node.text_of("id") in parts.nodes:
            library.note(path, f"another file has the part {node.text_of('id')} already", "twice")
        parts.nodes[node.text_of("id")] = node
        parts.sources[node.text_of("id")] = path.read_text(encoding="utf-8")
    for part_id, node in parts.nodes.items():
        try:
            parts.scripts[part_id] = parse_node(node, parts.nodes)
        except ScriptError as error:
            library.problems.extend(error.problems)
    return parts


def read_scripts(library: Library, parts: Parts) -> tuple[dict[str, Script], dict[str, tuple[str, str]]]:
    """Read content/scripts and content/surveys: the scripts by id, and its file and text with the parts it calls of each."""
    scripts: dict[str, Script] = {}
    sources: dict[str, tuple[str, str]] = {}
    for path in sorted(path for room in ROOMS for path in (library.folder / room).rglob("*.yaml")):
        name = str(path.relative_to(library.folder))
        found = library.read(name, lambda text, file: _read_script(text, file, parts))
        if found is None:
            continue
        script, source = found
        if script.kind is ScriptKind.PART:
            library.note(path, "a script is no part; parts live in content/parts", "not_a_part")
        if script.id in scripts:
            library.note(path, f"another file has the script {script.id} already: {scripts[script.id].place.file}", "twice")
        scripts[script.id] = script
        sources[script.id] = (library.name(path), source)
    return scripts, sources


def _read_script(text: str, file: str, parts: Parts) -> tuple[Script, str]:
    """Return a script and its text with those of the parts it calls. Reading YAML is half of the work: it is done once."""
    own, behind = split_source(text, file)
    node, callable_ones = read_yaml(own, file), {**parts.nodes, **behind}
    elsewhere = {part_id: source for part_id, source in parts.sources.items() if part_id not in behind}
    return parse_node(node, callable_ones), bundle_source(text, node, callable_ones, elsewhere)
