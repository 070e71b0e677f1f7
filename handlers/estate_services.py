"""Which services an estate offers: switches of the back office over the catalogue (R15, R129).

A service that is off is in no menu and is never booked; whoever asks for it in words is told, and may leave a wish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dialogs.script import Script, ScriptKind
from handlers import homes
from handlers.content import Service
from handlers.desk import Desk
from handlers.errors import InvalidInputError, NotFoundError
from handlers.menu_rules import BASE, Shelf
from handlers.runtime import Runtime
from models.audits import add_audit
from models.estate_services import count_wishes, find_community, list_switches, put_switch, read_switches


def is_offered(service: Service, switches: Mapping[str, bool]) -> bool:
    """Tell whether an estate offers a service; what only advises is offered unless it was turned off (R15)."""
    return switches.get(service.code, service.is_enabled or service.is_advice)


def is_bookable(desk: Desk, service: Service) -> bool:
    """Tell whether a service may be booked in the home the conversation is about."""
    return _read(desk, desk.person.community_id).get(service.code, service.is_enabled)


def list_shelves(desk: Desk) -> tuple[Shelf, ...]:
    """Return everything the person's estate offers, by butler, in the order of the catalogue."""
    content, switches = desk.runtime.content, _read(desk, desk.person.community_id)
    found: dict[str, list[str]] = {butler: [] for butler in (*content.butlers, BASE)}
    for service in content.services.values():
        if is_offered(service, switches):
            found[service.butler or BASE].append(service.code)
    return tuple(Shelf(butler, tuple(codes)) for butler, codes in found.items() if codes)


def find_closed(desk: Desk, script: Script, given: Mapping[str, Any]) -> str | None:
    """Return the service that a script is for when the person's estate has it not; None when all is well.

    None also while she has yet to say for which of her homes: the script is begun once more when she has.
    """
    service = desk.runtime.content.services.get(str(given.get("service") or script.id))
    if service is None or script.kind is not ScriptKind.SERVICE or homes.must_ask(desk, script, given):
        return None
    return None if is_offered(service, _read(desk, _find_estate(desk, given))) else service.code


def _find_estate(desk: Desk, given: Mapping[str, Any]) -> int | None:
    if len(desk.homes) < 2:
        return desk.person.community_id
    named = next((home for home in desk.homes if home.id == given.get(homes.HOME_VAR)), None)
    return (named or homes.find_remembered(desk) or desk.homes[0]).community_id


def _read(desk: Desk, community_id: int | None) -> dict[str, bool]:
    return read_switches(desk.switches, community_id)


def list_services(runtime: Runtime, community: str) -> list[dict[str, Any]]:
    """Return every service with whether an estate offers it, who decided that and why, and how many wished for it.

    Raises NotFoundError for an estate there is not.
    """
    with runtime.database.reading() as tx:
        place = find_community(tx.session, community)
        if place is None:
            raise NotFoundError(f"there is no community {community}")
        kept, wishes = list_switches(tx.session, place.id), count_wishes(tx.session, place.id)
        switches = {code: each.is_enabled for code, each in kept.items()}
        return [
            {
                "service": service.code,
                "label": service.label,
                "offered": is_offered(service, switches),
                "bookable": switches.get(service.code, service.is_enabled),
                "evidence": row.evidence if (row := kept.get(service.code)) else None,
                "by": row.by if row else None,
                "at": row.at if row else None,
                "wishes": wishes.get(service.code, 0),
            }
            for service in runtime.content.services.values()
        ]


def switch(runtime: Runtime, community: str, changes: Sequence[str], *, evidence: str, by: str) -> list[str]:
    """Turn services of an estate on (+code) and off (-code), all or none; audited. Returns those that changed.

    Raises NotFoundError for an estate there is not, InvalidInputError listing codes there are not, and services that the
    catalogue keeps off and that somebody would turn on without evidence: a decision, a legal review (R15).
    """
    wanted = {change[1:]: change[0] == "+" for change in changes}
    if problems := _find_problems(runtime, changes, wanted, evidence):
        raise InvalidInputError("nothing was changed", tuple(problems))
    with runtime.transaction() as tx:
        place = find_community(tx.session, community)
        if place is None:
            raise NotFoundError(f"there is no community {community}")
        before = {code: each.is_enabled for code, each in list_switches(tx.session, place.id).items()}
        changed = [code for code, is_on in wanted.items() if before.get(code) is not is_on]
        for code in changed:
            values = {"is_enabled": wanted[code], "evidence": evidence or None, "by": by, "at": runtime.now()}
            put_switch(tx, place.id, code, **values)
            detail = {"community": place.name, "is_enabled": wanted[code], "evidence": evidence}
            add_audit(tx.session, runtime.now(), by, "switch_service", f"service:{code}", **detail)
        return changed


def _find_problems(runtime: Runtime, changes: Sequence[str], wanted: Mapping[str, bool], evidence: str) -> list[str]:
    services = runtime.content.services
    problems = [f"{change}: there is no such service" for change in changes if change[1:] not in services]
    for code, is_on in wanted.items():
        if is_on and code in services and not services[code].is_enabled and not evidence.strip():
            problems.append(f"+{code}: the catalogue keeps it off; say with --evidence who allowed it (R15)")
    return problems
