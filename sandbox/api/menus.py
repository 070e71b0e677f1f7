"""The custom menu and its conditional variants."""

import json
from typing import Any

from flask import request

from sandbox.api.endpoint import Call, Endpoint
from sandbox.errors import ApiError
from sandbox.menu_rules import check_menu, check_rule, fits
from sandbox.people import find_person, tag_ids
from sandbox.world import World

DEFAULT_MENUID = 100


def _refuse_escapes() -> None:
    """Refuse Chinese written as escapes: the platform would show them as they are."""
    if b"\\u" in request.get_data():
        raise ApiError(40033)


def _create(world: World, call: Call) -> None:
    _refuse_escapes()
    variants = [each["button"] for each in _all_conditional(world)]
    world.store.put("menu", check_menu(call.body.get("button"), variants))


def _all_conditional(world: World) -> list[dict[str, Any]]:
    rows = world.store.rows("SELECT * FROM conditional_menus ORDER BY menuid DESC")
    return [
        {"button": json.loads(row["button"]), "matchrule": json.loads(row["matchrule"]), "menuid": row["menuid"]}
        for row in rows
    ]


def _get(world: World, _call: Call) -> dict[str, Any]:
    buttons = world.store.get("menu")
    if not buttons:
        raise ApiError(46003)
    variants = _all_conditional(world)
    if not variants:
        return {"menu": {"button": buttons}}
    return {"menu": {"button": buttons, "menuid": DEFAULT_MENUID}, "conditionalmenu": variants}


def _self_menu(world: World, _call: Call) -> dict[str, Any]:
    buttons = world.store.get("menu")
    return {"is_menu_open": int(bool(buttons)), "selfmenu_info": {"button": buttons or []}}


def _delete(world: World, _call: Call) -> None:
    with world.store.writing():
        world.store.run("DELETE FROM kept WHERE key = 'menu'")
        world.store.run("DELETE FROM conditional_menus")


def _add_conditional(world: World, call: Call) -> dict[str, Any]:
    _refuse_escapes()
    if not world.store.get("menu"):
        raise ApiError(65303)
    rule = check_rule(call.body.get("matchrule"))
    if not call.body.get("button"):
        raise ApiError(65307)
    others = [world.store.get("menu"), *(each["button"] for each in _all_conditional(world))]
    buttons = check_menu(call.body["button"], others)
    cursor = world.store.run(
        "INSERT INTO conditional_menus (button, matchrule) VALUES (?, ?)",
        *(json.dumps(buttons, ensure_ascii=False), json.dumps(rule)),
    )
    return {"menuid": str(cursor.lastrowid)}


def _delete_conditional(world: World, call: Call) -> None:
    if not world.store.run("DELETE FROM conditional_menus WHERE menuid = ?", str(call.body.get("menuid"))).rowcount:
        raise ApiError(65301)


def menu_for(world: World, openid: str) -> list[dict[str, Any]]:
    """Return the buttons one person sees: the newest conditional menu that matches the last tag, or the default."""
    tags = tag_ids(world, openid)
    for variant in _all_conditional(world):
        if fits(variant["matchrule"], tags):
            return list(variant["button"])
    return list(world.store.get("menu", []))


def _try_match(world: World, call: Call) -> dict[str, Any]:
    person = find_person(world, call.body.get("user_id"))
    if person is None or not person["following"]:
        raise ApiError(65302)
    return {"button": menu_for(world, person["openid"])}


ENDPOINTS = {
    "menu/create": Endpoint(_create, daily=1000),
    "menu/get": Endpoint(_get, method="GET", daily=10_000),
    "menu/delete": Endpoint(_delete, method="GET", daily=1000),
    "get_current_selfmenu_info": Endpoint(_self_menu, method="GET"),
    "menu/addconditional": Endpoint(_add_conditional, daily=2000),
    "menu/delconditional": Endpoint(_delete_conditional, daily=2000),
    "menu/trymatch": Endpoint(_try_match, daily=20_000),
}
