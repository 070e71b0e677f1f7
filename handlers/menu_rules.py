"""Which butlers and services a household's menu offers, in which order, and why: rules over the audience language (R129, R88).

Plain values and pure functions. Rules are read top to bottom; of those that say show or hide of one service the last that
holds decides, one of its butler before one of its own. Nothing here may open a service that an estate has not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.audience.errors import AudienceError
from models.audience.nodes import Audience, Condition, Sample, Seen, list_leaves
from models.audience.parse import parse_audience
from models.vocabulary import Vocabulary

BASE = "base"  # the shelf of what belongs to no butler
MOST_ABOUT = 40  # characters of a rule's `why`
_RULE_KEYS = ("service", "butler", "then", "when", "why")
_ENTRY_KEYS = ("label", "say")
OTHERS = ("mine", "all", "why")  # what stands below the butlers


class Then(StrEnum):
    """What a rule does with what it names."""

    SHOW = "show"
    HIDE = "hide"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class MenuRule:
    """One rule: `target` is a service's code, or a butler's. `why` completes 「因为……」. `place` is its line in the list."""

    target: str
    is_butler: bool
    then: Then
    audience: Audience
    why: str
    place: int


Deciders = Mapping[tuple[bool, str], MenuRule]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the menu calls a butler or service, and other words for it."""

    label: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A butler with the services that are shown, in order."""

    butler: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """One household's menu: what is shown, and the rules that had a say, in their order."""

    shelves: tuple[Shelf, ...]
    told: tuple[MenuRule, ...] = ()

    def list_services(self, butler: str) -> tuple[str, ...]:
        """Return what is shown of a butler."""
        return next((shelf.services for shelf in self.shelves if shelf.butler == butler), ())


def compose(rules: Iterable[MenuRule], shelves: Iterable[Shelf], holds: Callable[[Audience], bool]) -> Menu:
    """Return the menu of somebody for whom `holds` answers expressions, out of what her estate offers (`shelves`)."""
    told = tuple(rule for rule in rules if holds(rule.audience))
    deciders, firsts = _find_deciders(told), [rule.target for rule in told if rule.then is Then.FIRST]
    fitted = [Shelf(each.butler, _fit(each, firsts, deciders)) for each in shelves]
    kept = [shelf for shelf in fitted if shelf.services]
    return Menu(tuple(sorted(kept, key=lambda shelf: _rank(shelf.butler, firsts))), told)


def _fit(shelf: Shelf, firsts: list[str], deciders: Deciders) -> tuple[str, ...]:
    shown = [code for code in shelf.services if not _puts_away(_decide(deciders, shelf.butler, code))]
    return tuple(sorted(shown, key=lambda code: _rank(code, firsts)))


def _rank(code: str, firsts: list[str]) -> int:
    return firsts.index(code) if code in firsts else len(firsts)


def find_decider(told: Iterable[MenuRule], butler: str, service: str) -> MenuRule | None:
    """Return the rule that shows or hides a service; None, and it is shown, when none has a say."""
    return _decide(_find_deciders(told), butler, service)


def _find_deciders(told: Iterable[MenuRule]) -> Deciders:
    """Return the last rule that shows or hides each target, by whether it is a butler and by code."""
    return {(rule.is_butler, rule.target): rule for rule in told if rule.then is not Then.FIRST}


def _decide(deciders: Deciders, butler: str, service: str) -> MenuRule | None:
    return deciders.get((False, service)) or deciders.get((True, butler))


def is_hidden(told: Iterable[MenuRule], butler: str, service: str) -> bool:
    """Tell whether rules that hold put a service away."""
    return _puts_away(find_decider(told, butler, service))


def _puts_away(rule: MenuRule | None) -> bool:
    return rule is not None and rule.then is Then.HIDE


def parse_menu_rules(mapping: Any, targets: Mapping[str, bool], vocabulary: Vocabulary) -> tuple[MenuRule, ...]:
    """Return the rules of rules.yaml; `targets` are the codes there are: is it a butler. Raises ValueError with the place."""
    rules = []
    for number, given in enumerate((mapping or {}).get("rules") or (), 1):
        try:
            rules.append(_parse_rule(given, targets, vocabulary, number))
        except AudienceError as error:
            raise ValueError(f"rule {number}: when: {error.render(str(given.get('when') or ''))}") from error
        except ValueError as error:
            raise ValueError(f"rule {number}: {error}") from error
    return tuple(rules)


def _parse_rule(given: Any, targets: Mapping[str, bool], vocabulary: Vocabulary, number: int) -> MenuRule:
    if not isinstance(given, Mapping) or set(given) - set(_RULE_KEYS):
        raise ValueError(f"a rule is a mapping with {', '.join(_RULE_KEYS)}")
    named = [key for key in ("service", "butler") if given.get(key)]
    if len(named) != 1:
        raise ValueError("names either a service or a butler")
    target, then, why = str(given[named[0]]), str(given.get("then")), str(given.get("why") or "").strip()
    if targets.get(target) is not (named[0] == "butler"):
        raise ValueError(f"there is no {named[0]} '{target}'")
    if then not in set(Then):
        raise ValueError(f"then: '{then}' is not one of {', '.join(Then)}")
    if not 0 < len(why) <= MOST_ABOUT:
        raise ValueError(f"why: a household may ask; tell it in 1 to {MOST_ABOUT} characters")
    audience = parse_audience(str(given.get("when") or ""), vocabulary)
    _check_fields(audience, vocabulary)
    return MenuRule(target, named[0] == "butler", Then(then), audience, why, number)


def _check_fields(audience: Audience, vocabulary: Vocabulary) -> None:
    """Refuse what a menu must not betray (staff-only keys), and what would change it from day to day or by lot."""
    leaves = list(list_leaves(audience.node))
    if any(isinstance(leaf, Sample | Seen) for leaf in leaves):
        raise ValueError("when: a menu goes by what is known of a home; seen() and sample() are for pushes")
    for leaf in leaves:
        if isinstance(leaf, Condition) and (key := vocabulary.keys.get(leaf.field)) and key.is_staff_only:
            raise ValueError(f"when: {leaf.field} is for staff only, and a menu would tell it")


def parse_menu_words(mapping: Any, targets: Mapping[str, bool]) -> dict[str, dict[str, Entry]]:
    """Return what words.yaml calls `butlers`, `services` and the `others` of the menu. Raises ValueError for unknown codes."""
    wanted = {
        "butlers": [code for code, is_butler in targets.items() if is_butler],
        "services": [code for code, is_butler in targets.items() if not is_butler],
        "others": list(OTHERS),
    }
    found = {
        name: {code: _parse_entry(name, code, codes, each) for code, each in ((mapping or {}).get(name) or {}).items()}
        for name, codes in wanted.items()
    }
    for name in ("butlers", "others"):
        if missing := [code for code in wanted[name] if code not in found[name] or not found[name][code].label]:
            raise ValueError(f"{name}: {', '.join(missing)} has no label")
    return found


def _parse_entry(name: str, code: str, codes: list[str], given: Any) -> Entry:
    if code not in codes:
        raise ValueError(f"{name}: there is no '{code}'")
    if not isinstance(given, Mapping) or set(given) - set(_ENTRY_KEYS):
        raise ValueError(f"{name}.{code}: is a mapping with {', '.join(_ENTRY_KEYS)}")
    return Entry(str(given.get("label") or ""), tuple(map(str, given.get("say") or ())))
