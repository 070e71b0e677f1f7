"""A script with the parts it calls as one text: the parts stand behind it, each a YAML document. So old revisions are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dialogs.places import Problem, ScriptError
from dialogs.source import Node, read_yaml

_MARK = "---\n"
_DOCUMENTS = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


def list_called(node: Node, parts: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the ids of the parts that a script calls, and those that these call, sorted."""
    called: set[str] = set()
    waiting = [node]
    while waiting:
        fresh = {part_id for part_id in _list_calls(waiting.pop()) if part_id in parts} - called
        called |= fresh
        waiting += [parts[part_id] for part_id in fresh]
    return tuple(sorted(called))


def _list_calls(node: Node) -> Iterator[str]:
    for key, value in node.entries:
        if key.text == "call":
            yield value.text
        yield from _list_calls(value)
    for item in node.items:
        yield from _list_calls(item)


def bundle_source(text: str, node: Node, parts: Mapping[str, Node], sources: Mapping[str, str]) -> str:
    """Return a script's text with those of the parts it calls; `node` is its root, `sources` the texts that stand elsewhere."""
    texts = [text, *(sources[part_id] for part_id in list_called(node, parts) if part_id in sources)]
    return _MARK.join(each if each.endswith("\n") else f"{each}\n" for each in texts)


def split_source(source: str, file: str) -> tuple[str, dict[str, Node]]:
    """Return the text of the script and the parts in the documents behind it, by id.

    Raises ScriptError where YAML cannot be read and where a document behind the first is no part.
    """
    if not _DOCUMENTS.search(source):
        return source, {}
    texts = [text for text in _pad_documents(source) if text.strip()]
    nodes = [read_yaml(text, file) for text in texts[1:]]
    strangers = tuple(node for node in nodes if node.text_of("kind") != "part" or not node.text_of("id"))
    if strangers:
        message = "behind the script's own document stand only parts: `kind: part` with an id"
        raise ScriptError(tuple(Problem(node.place, "not_a_part", message) for node in strangers))
    return texts[0] if texts else source, {node.text_of("id"): node for node in nodes}


def _pad_documents(source: str) -> Iterator[str]:
    """Yield the documents, each on the lines where it stands."""
    at = 0
    for mark in _DOCUMENTS.finditer(source):
        yield "\n" * source.count("\n", 0, at) + source[at : mark.start()]
        at = mark.end()
    yield "\n" * source.count("\n", 0, at) + source[at:]
