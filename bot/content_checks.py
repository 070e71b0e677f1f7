"""Checks of content/ that need the files beside what was loaded: the style of every text, the keys of the catalogue.

They run in `check` only, so that a clumsy word never keeps the product from starting.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dialogs.check_style import check_script_style, check_wording
from dialogs.check_survey import check_survey_names
from dialogs.expressions import ExpressionError
from dialogs.fields import suggest
from dialogs.places import Place, Problem, ScriptError
from dialogs.source import Node, read_yaml
from dialogs.style import Style, parse_style
from dialogs.templates import Template, parse_template
from handlers.content import Content

STYLE, CATALOGUE = "style.yaml", "catalogue.yaml"
_ENTRY = ("code", "label", "emoji", "line", "hint", "butler", "group", "enabled", "note")
# which keys of the other files are read by people, and as what kind of text
_SPOKEN: tuple[tuple[str, dict[str, str]], ...] = (
    ("catalogue.yaml", {"label": "label", "hint": "hint", "line": "hint"}),
    ("menus/*.yaml", {"name": "label", "label": "label", "why": "fragment"}),
    ("pushes/*.yaml", {"title": "label", "text": "say"}),
    ("templates.yaml", {"first": "fragment", "remark": "say", "keyword1": "fragment", "keyword2": "fragment"}),
    ("small_talk.yaml", {"reply": "say"}),
    ("consents.yaml", {"title": "label", "text": "say", "kinds": "fragment", "keeps": "fragment"}),
    ("retention.yaml", {"title": "label", "source": "label"}),
)


def check_content_style(folder: Path, content: Content) -> list[Problem]:
    """Return what does not sound like us in scripts, phrases, catalogue, menus, pushes and templates."""
    path = folder / STYLE
    try:
        style = parse_style(path.read_text(encoding="utf-8"), _name(folder, path))
    except OSError as error:
        return [Problem(Place(_name(folder, path), 1, 1), "content", f"{type(error).__name__}: {error}")]
    except ScriptError as error:
        return list(error.problems)
    found = [problem for script in content.scripts.values() for problem in check_script_style(script, style)]
    found += [problem for script in content.scripts.values() for problem in check_survey_names(script)]
    for key, phrase in content.texts.phrases.items():
        found += check_wording(phrase, style.kind_of(key), style)
    for pattern, kinds in _SPOKEN:
        for each in sorted(folder.glob(pattern)):
            found += _check_file(folder, each, kinds, style)
    return list(dict.fromkeys(found))


def check_catalogue_keys(folder: Path) -> Iterator[Problem]:
    """Yield keys no entry has: a half-width comma inside {...} cuts a text in two and leaves such a key."""
    path = folder / CATALOGUE
    try:
        root = read_yaml(path.read_text(encoding="utf-8"), _name(folder, path))
    except (OSError, ScriptError):
        return  # told where the file is loaded
    for entry in (each for _, group in root.entries for each in group.items):
        for key, _ in entry.entries:
            if key.text not in _ENTRY:
                message = f"an entry of the catalogue has no key '{key.text}'{suggest(key.text, _ENTRY)}"
                yield Problem(key.place, "unknown_key", message)


def _check_file(folder: Path, path: Path, kinds: dict[str, str], style: Style) -> Iterator[Problem]:
    try:
        root = read_yaml(path.read_text(encoding="utf-8"), _name(folder, path))
    except (OSError, ScriptError):
        return  # told where the file is loaded
    for node, kind in _list_spoken(root, kinds):
        template = _read_template(node)
        if template is not None:
            yield from check_wording(template, kind, style)


def _list_spoken(node: Node, kinds: dict[str, str]) -> Iterator[tuple[Node, str]]:
    for item in node.items:
        yield from _list_spoken(item, kinds)
    for key, value in node.entries:
        if key.text in kinds:
            texts = value.items if value.kind == "list" else (value,)
            yield from ((each, kinds[key.text]) for each in texts if each.kind == "scalar")
        yield from _list_spoken(value, kinds)


def _read_template(node: Node) -> Template | None:
    try:
        return parse_template(node.text, node.start)
    except ExpressionError:
        return None  # told where the file is loaded


def _name(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder.parent))
