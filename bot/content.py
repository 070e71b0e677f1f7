"""Reads content/ into one immutable Content; a bad file means no start. Knows files, decides nothing about dialogs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.content_checks import check_catalogue_keys, check_content_style
from bot.content_menus import check_menu_rules, read_menus
from bot.content_mirror import check_mirror, read_mirror
from bot.content_scripts import read_parts, read_scripts
from bot.rules import check_push_rule, parse_duties, parse_inviting, parse_point_rules, parse_push_rule
from dialogs.calendar import parse_calendar
from dialogs.check import Names, check_script, check_scripts
from dialogs.effects import EFFECTS
from dialogs.intents.lexicon import NONE, Lexicon, parse_lexicon
from dialogs.intents.model import Model, parse_model
from dialogs.places import Place, Problem, ScriptError
from dialogs.script import Script
from dialogs.small_talk import parse_small_talk
from dialogs.templates import parse_template
from dialogs.texts import parse_texts
from dialogs.words import parse_words
from handlers.content import Content, Forbidden, PushRule, Service, index_triggers
from handlers.rights_book import parse_consents, parse_retention
from handlers.topics import CLASS, TopicBook, parse_template_kinds, parse_topics
from models.audience.errors import AudienceError
from models.audience.nodes import Audience
from models.audience.parse import parse_audience
from models.vocabulary import VocabularyError, parse_vocabulary

ROOT = Path(__file__).resolve().parent.parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same YAML, read by libyaml, several times as fast
CONTENT_DIR = ROOT / "content"
WEIGHTS = "understanding/weights.json"
ADVICE = "consultation only"  # the note of a service that is off and still talked about
ORDINARY_DAY = date(2026, 11, 21)  # what a check says hangs on no calendar
T = TypeVar("T")


def load_yaml(text: str) -> Any:
    """Return YAML as plain values."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, by its fast name


@dataclass(slots=True)
class Library:
    """What reading content/ brought: the parts, and every problem on the way."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def name(self, path: Path) -> str:
        """Return how problems call a file: its path from the folder that holds content/."""
        return str(path.relative_to(self.folder.parent))

    def note(self, path: Path, message: str, code: str = "content", line: int = 1, column: int = 1) -> None:
        """Keep a problem of a file."""
        self.problems.append(Problem(Place(self.name(path), line, column), code, message))

    def read(self, name: str, parse: Callable[[str, str], T]) -> T | None:
        """Parse one file; None after noting what is wrong with it."""
        path = self.folder / name
        try:
            return parse(path.read_text(encoding="utf-8"), self.name(path))
        except ScriptError as error:
            self.problems.extend(error.problems)
        except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.note(path, f"{type(error).__name__}: {error}")
        return None

    def load(self, path: Path) -> Any:
        """Return a YAML or JSON file as plain values; None after noting what is wrong."""
        try:
            text = path.read_text(encoding="utf-8")
            return json.loads(text) if path.suffix == ".json" else load_yaml(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self.note(path, f"{error.problem}", "yaml", *((mark.line + 1, mark.column + 1) if mark else (1, 1)))
        except (OSError, UnicodeDecodeError, ValueError) as error:
            self.note(path, f"{type(error).__name__}: {error}")
        return None


def load_content(folder: Path = CONTENT_DIR) -> tuple[Content, Lexicon]:
    """Return everything under content/ and the lexicon of its intents; ScriptError with every problem otherwise."""
    library = Library(folder)
    loaded = _read(library)
    if library.problems or loaded is None:
        raise ScriptError(tuple(dict.fromkeys(library.problems)))
    return loaded


def check_content(folder: Path = CONTENT_DIR) -> list[Problem]:
    """Return every problem in content/, sorted by file and line; empty when all is well."""
    return review_content(folder)[0]


def review_content(folder: Path = CONTENT_DIR) -> tuple[list[Problem], tuple[Content, Lexicon] | None]:
    """Return every problem as `check_content` does, and what was read: without a problem all that `load_content` gives."""
    library = Library(folder)
    loaded = _read(library)
    library.problems.extend(check_catalogue_keys(folder))
    if loaded is not None:
        library.problems.extend(check_content_style(folder, loaded[0]))
        check_menu_rules(library, loaded[0], ORDINARY_DAY)
        check_mirror(library, loaded[0])
    problems = dict.fromkeys(library.problems)
    return sorted(problems, key=lambda each: (each.place.file, each.place.line, each.place.column)), loaded


def load_parts(folder: Path = CONTENT_DIR) -> dict[str, Script]:
    """Return the parts as scripts of their own, for their tests; ScriptError with every problem otherwise."""
    library = Library(folder)
    parts = read_parts(library)
    if library.problems:
        raise ScriptError(tuple(library.problems))
    return parts.scripts


def _read(library: Library) -> tuple[Content, Lexicon] | None:
    folder = library.folder
    catalogue = library.load(folder / "catalogue.yaml") or {}
    services, butlers, labels = _read_catalogue(catalogue)
    words, texts = library.read("words.yaml", parse_words), library.read("texts.yaml", parse_texts)
    lexicon = _read_lexicon(library, labels)
    small_talk = library.read("small_talk.yaml", parse_small_talk)
    forbidden = Forbidden(library.read("forbidden.txt", _read_words) or ())
    vocabulary = _read_vocabulary(library)
    calendar = library.read("calendar/holiday_cn.json", lambda text, _: parse_calendar(json.loads(text)))
    tables = _read_tables(library)
    parts = read_parts(library)
    scripts, sources = read_scripts(library, parts)
    if words is None or texts is None or lexicon is None or vocabulary is None or calendar is None:
        return None
    names = Names(
        {script_id: script.vars for script_id, script in scripts.items()},
        frozenset(EFFECTS),
        frozenset(labels),
        words=words,
        forbidden=forbidden.words,
        tags=vocabulary.keys,
        never=tuple(vocabulary.forbidden),
    )
    for script in (*parts.scripts.values(), *scripts.values()):
        library.problems.extend(check_script(script, names))
    library.problems.extend(check_scripts(list(scripts.values())))
    tables |= read_menus(library, vocabulary, services, butlers) | {"mirror": read_mirror(library, vocabulary)}
    rules = _read_rules(library, forbidden, lambda text: parse_audience(text, vocabulary), tables["topics"])
    if library.problems or small_talk is None:
        return None
    tables |= {f"by_{name}": table for name, table in index_triggers(scripts).items()}
    content = Content(
        scripts=scripts,
        sources=sources,
        texts=texts,
        words=words,
        small_talk=small_talk,
        services=services,
        butlers=butlers,
        labels=labels,
        vocabulary=vocabulary,
        forbidden=forbidden,
        rules=rules,
        calendar=calendar,
        parts=parts.scripts,
        part_texts=parts.sources,
        **tables,
    )
    return content, lexicon


def _read_tables(library: Library) -> dict[str, Any]:
    """Return the files that are one table each, by their name; one that cannot be read leaves a problem."""
    parsers: dict[str, Callable[[Any], Any]] = {
        "duties": parse_duties,
        "consents": parse_consents,
        "retention": parse_retention,
        "inviting": parse_inviting,
        "points": parse_point_rules,
        "topics": parse_topics,
        "templates": _read_templates,
    }
    tables = {
        name: library.read(f"{name}.yaml", lambda text, _, parse=parse: parse(load_yaml(text)))
        for name, parse in parsers.items()
    }
    kinds = library.read("templates.yaml", lambda text, _: parse_template_kinds(load_yaml(text)))
    return tables | {"template_kinds": kinds}


def _read_catalogue(catalogue: Mapping[str, Any]) -> tuple[dict[str, Service], dict[str, str], dict[str, str]]:
    butlers = {each["code"]: each["label"] for each in catalogue.get("butlers", ())}
    services: dict[str, Service] = {}
    for each in (*catalogue.get("services", ()), *catalogue.get("base_services", ())):
        code = each["code"]
        shown = (each["label"], each.get("butler", ""), each.get("hint", ""))
        is_advice = each.get("note") == ADVICE
        services[code] = Service(code, *shown, is_enabled=each.get("enabled", True), is_advice=is_advice)
    labels = {code: service.label for code, service in services.items()}
    labels |= {each["code"]: each["label"] for each in catalogue.get("others", ())}
    return services, butlers, labels


def _read_lexicon(library: Library, labels: Mapping[str, str]) -> Lexicon | None:
    paths = sorted((library.folder / "intents").glob("*.yaml"))
    read = parse_lexicon({path.stem: library.load(path) for path in paths}, labels)
    if isinstance(read, Lexicon):
        return replace(read, model=_read_model(library, read))
    for problem in read:
        path = library.folder / "intents" / f"{problem.file}.yaml"
        library.note(path, f"{problem.place}: {problem.message}", "lexicon", _find_line(path, problem.place))
    return None


def _read_model(library: Library, lexicon: Lexicon) -> Model | None:
    """Return what was learned; None, and the rules speak alone, when nothing was."""
    if not (library.folder / WEIGHTS).exists():
        return None
    model = library.read(WEIGHTS, lambda text, _: parse_model(json.loads(text)))
    if model is not None and set(model.classes) - {NONE} != lexicon.intents - {NONE}:
        library.note(library.folder / WEIGHTS, "was learned for other codes: run `python -m bot train`", "model")
    return model


def _find_line(path: Path, place: str) -> int:
    wanted = place.split(".words", maxsplit=1)[0].split(":", maxsplit=1)[0]
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((number for number, line in enumerate(lines, 1) if wanted and line.startswith(wanted)), 1)


def _read_words(text: str, _file: str) -> tuple[str, ...]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def _read_vocabulary(library: Library) -> Any:
    path = library.folder / "tags.yaml"
    try:
        return parse_vocabulary(library.load(path) or {})
    except VocabularyError as error:
        for problem in error.problems:
            library.note(path, problem, "tags")
    return None


def _read_templates(mapping: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    return {
        name: {hole: parse_template(text) for hole, text in holes.items() if hole != CLASS} for name, holes in mapping.items()
    }


def _read_rules(
    library: Library, forbidden: Forbidden, parse: Callable[[str], Audience], topics: TopicBook | None
) -> dict[str, PushRule]:
    rules: dict[str, PushRule] = {}
    for path in sorted((library.folder / "pushes").glob("*.yaml")):
        mapping = library.load(path)
        if mapping is None:
            continue
        try:
            rule = parse_push_rule(mapping)
            audience = parse(rule.audience)
        except AudienceError as error:
            library.note(path, f"audience: {error.render(mapping['audience'])}", "audience", _find_line(path, "audience"))
            continue
        except ValueError as error:
            library.note(path, str(error), "push_rule")
            continue
        if forbidden.find(rule.text):
            library.note(path, "text: holds a forbidden word", "forbidden_word", _find_line(path, "text"))
        for kind, key, message in check_push_rule(rule, audience, topics or TopicBook()):
            library.note(path, message, kind, _find_line(path, key))
        if rule.id in rules:
            library.note(path, f"another file has the rule {rule.id} already", "twice")
        rules[rule.id] = rule
    return rules
