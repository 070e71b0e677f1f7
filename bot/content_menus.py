"""Reads content/menus: the chat's menu with its rules, and the account's menus; and holds the rules to be of use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.wechat.menu import check_menu
from handlers.content import AccountMenu, Content, Service
from handlers.menu_book import MenuBook
from handlers.menu_rules import BASE, MenuRule, Shelf, Then, compose, parse_menu_rules, parse_menu_words
from models.audience.evaluate import matches
from models.audience.people import Person
from models.audience.witnesses import list_witnesses
from models.vocabulary import Vocabulary

if TYPE_CHECKING:
    from bot.content import Library

RULES, WORDS, ACCOUNT = "menus/rules.yaml", "menus/words.yaml", "menus/account.yaml"
JUMP_DOMAINS = 3  # over all menus of an account (A8)


def read_menus(
    library: Library, vocabulary: Vocabulary, services: Mapping[str, Service], butlers: Mapping[str, str]
) -> dict[str, Any]:
    """Return the account's `menu`, its conditional ones as `account_menus`, the chat's as `menus`; notes what is wrong."""
    menu = library.load(library.folder / ACCOUNT)
    book = _read_book(library, vocabulary, services, butlers)
    return {"menu": menu, "menus": book, "account_menus": _read_account(library, menu, vocabulary)}


def _read_book(
    library: Library, vocabulary: Vocabulary, services: Mapping[str, Service], butlers: Mapping[str, str]
) -> MenuBook | None:
    targets = {**dict.fromkeys(services, False), **dict.fromkeys((*butlers, BASE), True)}
    rules = _read(library, RULES, lambda given: parse_menu_rules(given, targets, vocabulary))
    words = _read(library, WORDS, lambda given: parse_menu_words(given, targets))
    return MenuBook(rules, **words) if rules is not None and words is not None else None


def _read(library: Library, name: str, parse: Any) -> Any:
    path = library.folder / name
    given = library.load(path) if path.exists() else {}
    try:
        return parse(given)
    except ValueError as error:
        number = str(error).split(":", maxsplit=1)[0].removeprefix("rule ")
        library.note(path, str(error), "menu", find_rule_line(library, int(number)) if number.isdigit() else 1)
    return None


def find_rule_line(library: Library, number: int) -> int:
    """Return the line of a rule, counted from one."""
    lines = (library.folder / RULES).read_text(encoding="utf-8").splitlines()
    found = [at for at, line in enumerate(lines, 1) if line.startswith("  - ")]
    return found[number - 1] if number <= len(found) else 1


def _read_account(library: Library, menu: Mapping[str, Any] | None, vocabulary: Vocabulary) -> tuple[AccountMenu, ...]:
    """Return the conditional menus of account.yaml; notes what the platform would refuse in any of its menus."""
    path, found = library.folder / ACCOUNT, list[AccountMenu]()
    for number, given in enumerate((menu or {}).get("conditional") or ()):
        key, _, value = str(given.get("for", "")).partition("=")
        known = vocabulary.keys.get(key)
        if known is None or known.read_value(value) != value:
            library.note(path, f"conditional[{number}].for: '{given.get('for', '')}' is no key=value of tags.yaml", "menu")
        elif known.is_staff_only or known.level > 1:
            library.note(path, f"conditional[{number}].for: {key} must not leave the house", "menu")
        found.append(AccountMenu(key, value, tuple(given.get("button") or ())))
    for place, buttons in (("", (menu or {}).get("button", ())), *((f"{each.name}: ", each.buttons) for each in found)):
        for problem in check_menu(buttons):
            library.note(path, f"{place}{problem}", "menu")
    all_buttons = ((menu or {}).get("button", ()), *(each.buttons for each in found))
    hosts = sorted({host for buttons in all_buttons for host in _list_hosts(buttons)})
    if len(hosts) > JUMP_DOMAINS:
        library.note(path, f"the menus lead to {len(hosts)} hosts, at most {JUMP_DOMAINS}: {', '.join(hosts)}", "menu")
    return tuple(found)


def _list_hosts(buttons: Any) -> Iterator[str]:
    for button in buttons:
        yield from (urlsplit(each["url"]).hostname or "" for each in button.get("sub_button") or [button] if each.get("url"))


def check_menu_rules(library: Library, content: Content, today: date) -> None:
    """Note rules that nobody fits, rules that put something away for everybody, and a household that is left with nothing."""
    rules = content.menus.rules
    path, now = library.folder / RULES, datetime.combine(today, time(4), UTC)
    for rule in rules:
        people = list_witnesses([rule.audience], content.vocabulary, today) or ()
        held = [matches(rule.audience, person, now, today) for person in people]
        line = find_rule_line(library, rule.place)
        if not held:
            continue  # too many conditions to try them all
        if not any(held):
            library.note(path, f"rule {rule.place} can never hold: nobody is {rule.audience.source}", "menu_never", line)
        elif all(held) and rule.then is Then.HIDE and not _is_answered(rule, rules):
            message = f"rule {rule.place} puts {rule.target} away for everybody: turn it off with `python -m bot services`"
            library.note(path, message, "menu_everybody", line)
    if (emptying := _find_emptying(content, now, today)) is not None:
        message = f"with rule {emptying.place} somebody has nothing left in the menu"
        library.note(path, message, "menu_empty", find_rule_line(library, emptying.place))


def _is_answered(rule: MenuRule, rules: tuple[MenuRule, ...]) -> bool:
    """Tell whether another rule shows again what this one puts away."""
    later = (each for each in rules if each.then is Then.SHOW)
    return any(each.target == rule.target or each.target.startswith(f"{rule.target}.") for each in later)


def _find_emptying(content: Content, now: datetime, today: date) -> MenuRule | None:
    """Return the last rule that leaves somebody without any service; None when everybody keeps some."""
    rules = content.menus.rules
    shelves: dict[str, list[str]] = {}
    for service in content.services.values():
        shelves.setdefault(service.butler or BASE, []).append(service.code)
    offered = tuple(Shelf(butler, tuple(codes)) for butler, codes in shelves.items())
    hiding = [rule for rule in rules if rule.then is Then.HIDE]
    for person in list_witnesses([rule.audience for rule in hiding], content.vocabulary, today) or ():
        menu = compose(rules, offered, lambda audience, who=person: _fits(audience, who, now, today))  # type: ignore[misc]
        if not menu.shelves:
            return [rule for rule in menu.told if rule.then is Then.HIDE][-1]
    return None


def _fits(audience: Any, person: Person, now: datetime, today: date) -> bool:
    return matches(audience, person, now, today)
