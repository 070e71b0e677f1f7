"""Menus: the one in the chat, fitted to the household with its reasons, and the account's, published to the platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dialogs import effects_menu
from dialogs.inputs import Ran, Refused
from handlers import estate_services
from handlers.content import Content
from handlers.desk import Desk, open_desk
from handlers.menu_rules import BASE, Entry, Menu, MenuRule, Shelf, Then, find_decider, is_hidden
from handlers.ports import AccountTags
from handlers.runtime import Runtime
from models.audience.evaluate import explain as explain_audience
from models.audience.people import Person, load_person

MINE, WHOLE, WHY = "mine", "all", "why"
NOTHING = Entry("")


def find_menu(desk: Desk, effect: effects_menu.FindMenu) -> Ran | Refused:
    """List what the person's menu offers: the butlers, and of one of them his services (R129, R88).

    Of a butler that she asks for by name and whose services are all put away, everything is shown.
    """
    offered = estate_services.list_shelves(desk)
    whole = Menu(offered)
    menu = whole if effect.whole else fit(desk, offered)
    services = menu.list_services(effect.butler) or whole.list_services(effect.butler)
    content, named = desk.runtime.content, desk.runtime.content.menus.services
    entries = [_list_entry(code, content.menus.butlers.get(code, NOTHING)) for code in (s.butler for s in menu.shelves)]
    return Ran(
        {
            "butlers": [] if effect.butler else entries + _list_others(content, menu, whole),
            "services": [_list_entry(code, named.get(code, NOTHING), content.label(code)) for code in services],
            "count": len(services),
            "title": name_butler(content, effect.butler) if effect.butler else "",
        }
    )


def fit(desk: Desk, offered: tuple[Shelf, ...]) -> Menu:
    """Return the household's menu out of what is offered; a stranger's is the whole. Costs one statement at most."""
    return desk.runtime.content.menus.fit(_load(desk), offered, desk.now, desk.runtime.today())


def _load(desk: Desk) -> Person | None:
    book = desk.runtime.content.menus
    if desk.person.owner_id is None or not book.rules:
        return None
    return load_person(desk.tx, desk.person.owner_id, desk.now, book.parts)


def _list_entry(code: str, entry: Entry, label: str = "") -> dict[str, Any]:
    return {"key": code, "label": entry.label or label, "words": list(entry.words)}


def _list_others(content: Content, menu: Menu, whole: Menu) -> list[dict[str, Any]]:
    shown, there = (sum(len(shelf.services) for shelf in each.shelves) for each in (menu, whole))
    wanted = [MINE, *([WHOLE] if shown < there else ()), *([WHY] if menu.told else ())]
    return [_list_entry(code, content.menus.others.get(code, NOTHING), code) for code in wanted]


def name_butler(content: Content, butler: str) -> str:
    """Return what a butler is called; the base services have a name of their own."""
    entry = content.menus.butlers.get(butler, NOTHING)
    return content.butlers.get(butler) or next(iter(entry.words), entry.label)


def explain_menu(desk: Desk, effect: effects_menu.ExplainMenu) -> Ran | Refused:
    """Tell a person why her menu is as it is: what stands first and what is put away, a line each."""
    offered = estate_services.list_shelves(desk)
    menu, content = fit(desk, offered), desk.runtime.content
    done = [(rule, names) for rule in menu.told if (names := _list_touched(content, rule, menu, offered))]
    lines = [desk.say(f"menu.{rule.then.value}", names="、".join(names), why=rule.why) for rule, names in done]
    hidden = sum(len(names) for rule, names in done if rule.then is Then.HIDE)
    return Ran({"count": len(lines), "text": "\n".join(lines), "hidden": hidden})


def _list_touched(content: Content, rule: MenuRule, menu: Menu, offered: Iterable[Shelf]) -> list[str]:
    """Return the names of what a rule that holds put first, put away, or kept although another rule would put it away."""
    if rule.then is Then.FIRST:
        is_shown = any(rule.target in (shelf.butler, *shelf.services) for shelf in menu.shelves)
        return [name_butler(content, rule.target) if rule.is_butler else content.label(rule.target)] if is_shown else []
    decided = [code for shelf in offered for code in shelf.services if find_decider(menu.told, shelf.butler, code) is rule]
    if rule.then is Then.SHOW:
        others = [each for each in menu.told if each is not rule]
        return [content.label(code) for code in decided if is_hidden(others, content.services[code].butler or BASE, code)]
    return [content.label(code) for code in decided]


def explain(runtime: Runtime, openid: str) -> dict[str, Any]:
    """Return what a follower's menu shows and hides, what her estate has turned off, and every rule with its conditions."""
    content = runtime.content
    with runtime.database.reading() as tx:
        desk = open_desk(runtime, tx, openid)
        offered, person = estate_services.list_shelves(desk), _load(desk)
    menu = content.menus.fit(person, offered, runtime.now(), runtime.today())
    there = {code for shelf in offered for code in shelf.services}
    shown = {code for shelf in menu.shelves for code in shelf.services}
    return {
        "openid": openid,
        "owner_id": desk.person.owner_id,
        "community": desk.person.community or None,
        "shown": [{"butler": shelf.butler, "services": list(shelf.services)} for shelf in menu.shelves],
        "hidden": [_tell_hidden(content, menu, code) for code in content.services if code in there - shown],
        "off": [code for code in content.services if code not in there],
        "rules": [_tell_rule(runtime, rule, person, is_held=rule in menu.told) for rule in content.menus.rules],
    }


def _tell_hidden(content: Content, menu: Menu, code: str) -> dict[str, Any]:
    rule = find_decider(menu.told, content.services[code].butler or BASE, code)
    return {"service": code, "rule": rule.place if rule else None, "why": rule.why if rule else None}


def _tell_rule(runtime: Runtime, rule: MenuRule, person: Person | None, *, is_held: bool) -> dict[str, Any]:
    because = explain_audience(rule.audience, person, runtime.now(), runtime.today()) if person else []
    return {
        "rule": rule.place,
        "target": rule.target,
        "then": rule.then.value,
        "when": rule.audience.source,
        "why": rule.why,
        "holds": is_held,
        "conditions": [{"condition": text, "holds": is_true} for text, is_true in because],
    }


def publish(runtime: Runtime, tags: AccountTags | None = None) -> dict[str, Any]:
    """Publish content's menu and its conditional menus; a start has held them to its limits (A8).

    A conditional menu is for a tag of the account: those whose tag `tags` does not know are left out. What the account had
    of its own is taken away first; of several that fit the platform takes the newest, so the first is sent last.
    Returns the buttons, `conditional` (for, menuid) and `left_out` (for, why).
    """
    menu, wanted = runtime.content.menu, runtime.content.account_menus
    known = {each: tags.find_account_tag(each.key, each.value) if tags else None for each in wanted}
    before = runtime.gateway.show_menu() or {}
    runtime.gateway.publish_menu(menu["button"])
    for old in _list_conditional(before):
        runtime.gateway.remove_conditional_menu(str(old.get("menuid", "")))
    sent = {
        each.name: runtime.gateway.publish_conditional_menu(each.buttons, tag_id)
        for each in reversed(wanted)
        if (tag_id := known[each]) is not None
    }
    left = [{"for": each.name, "why": f"the account has no tag for {each.name}"} for each in wanted if known[each] is None]
    return {
        "button": menu["button"],
        "conditional": [{"for": name, "menuid": sent[name]} for name in reversed(sent)],
        "left_out": left,
    }


def _list_conditional(shown: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = shown.get("conditionalmenu")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def show(runtime: Runtime) -> Mapping[str, Any] | None:
    """Return the menu the account shows now, None when it has none."""
    return runtime.gateway.show_menu()
