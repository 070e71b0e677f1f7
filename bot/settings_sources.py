"""Where settings come from: a YAML file with line numbers and `GUANJIA__...` variables, merged into one mapping.

Knows places, not meanings: `bot.settings` says what a value must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

PREFIX = "GUANJIA__"
SECRETS = (
    ("wechat", "app_secret"),
    ("wechat", "token"),
    ("wechat", "aes_key"),
    ("wechat", "aes_key_previous"),
    ("web", "session_secret"),
    ("database", "seal_key"),
    ("database", "seal_key_previous"),
    ("console", "password"),
)
ADDRESSES = (("database", "url"), ("redis", "url"))


@dataclass
class Sources:
    """The merged values, where each came from, and what was wrong before anybody looked at the values."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[tuple[str, ...], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def place(self, path: tuple[str, ...]) -> str:
        """Return where the value of a path was written: a variable, or file, line and key."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return PREFIX + "__".join(path).upper()


def read_sources(environ: Mapping[str, str], config_path: Path, names: Mapping[str, Any]) -> Sources:
    """Read the file, then lay the environment over it. `names` is the tree of known keys; unknown ones are problems.

    An empty variable, like a key without a value, means the default. A missing file is an empty one.
    """
    sources = Sources()
    _read_file(sources, config_path, names)
    for name in sorted(environ):
        if name.upper().startswith(PREFIX):
            _read_variable(sources, name, environ[name], names)
    return sources


def _read_file(sources: Sources, path: Path, names: Mapping[str, Any]) -> None:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        sources.problems.append(f"{path.name}: cannot be read: {error}")
        return
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        sources.problems.append(f"{path.name}:{line}: is not YAML: {error.problem}")
        return
    except yaml.YAMLError as error:
        sources.problems.append(f"{path.name}:1: is not YAML: {error}")
        return
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        sources.problems.append(f"{path.name}:1: must be keys and values")
        return
    _read_node(sources, path.name, root, names, ())


def _read_node(
    sources: Sources, file: str, node: yaml.MappingNode, names: Mapping[str, Any] | Any, above: tuple[str, ...]
) -> None:
    for key, value in node.value:
        path = (*above, str(key.value))
        place = f"{file}:{key.start_mark.line + 1}: {'.'.join(path)}"
        known = None if names is ... else names.get(path[-1], KeyError)
        if known is KeyError:
            sources.problems.append(f"{place}: unknown key")
        elif path in sources.places:
            sources.problems.append(f"{place}: is given twice")
        elif isinstance(value, yaml.MappingNode) and known is not None:
            sources.places[path] = place
            _read_node(sources, file, value, known, path)
        else:
            _keep_from_file(sources, path, place, yaml.SafeLoader("").construct_object(value, deep=True))


def _keep_from_file(sources: Sources, path: tuple[str, ...], place: str, value: Any) -> None:
    sources.places[path] = place
    if value is None or value == "":
        return
    if path in SECRETS or (path in ADDRESSES and _holds_password(str(value))):
        variable = PREFIX + "__".join(path).upper()
        sources.problems.append(f"{place}: a secret does not belong in a file that is shared; set {variable} instead")
        return
    _put(sources.values, path, value)


def _holds_password(address: str) -> bool:
    try:
        return bool(urlsplit(address).password)
    except ValueError:
        return False


def _read_variable(sources: Sources, name: str, value: str, names: Mapping[str, Any]) -> None:
    path = tuple(name[len(PREFIX) :].lower().split("__"))
    known: Any = names
    for part in path:
        known = None if known is ... and part else known.get(part, KeyError) if isinstance(known, Mapping) else KeyError
    if known is not None:
        sources.problems.append(f"{name}: unknown setting")
        return
    sources.places[path] = name
    _put(sources.values, path, value.strip() or None)


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a value, or take it away where it is None; a file's nonsense on the way gives way."""
    for part in path[:-1]:
        inner = values.get(part)
        values[part] = values = inner if isinstance(inner, dict) else {}
    if value is None:
        values.pop(path[-1], None)
    else:
        values[path[-1]] = value
