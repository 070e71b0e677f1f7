"""Reads duties, push rules and point rules from plain values. Cron lines name weekdays, because numbers mean two things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from dialogs.check_prices import names_price
from handlers.content import Duty, Inviting, PointRule, PushRule
from handlers.topics import KINDS, TopicBook
from models.audience.fields import names_profile
from models.audience.nodes import Audience
from models.staff import Role

_FIELDS = 5
DEEDS = ("rating", "activity")  # what handlers grant points for
_JUST_AFTER = timedelta(microseconds=1)
_KEYS = {"id", "title", "topic", "kind", "audience", "schedule", "quiet", "text"}
_MISFIRE = re.compile(r"run_once|run_all|skip:\d+")


def parse_duties(mapping: Mapping[str, Any]) -> dict[str, Duty]:
    """Return who gets which task; ValueError for an unknown role or a missing default."""
    duties: dict[str, Duty] = {}
    for code, given in mapping.items():
        roles = tuple(str(role) for role in given.get("roles", ()))
        unknown = [role for role in roles if role not in set(Role)]
        if unknown or not roles:
            raise ValueError(f"{code}.roles: {', '.join(unknown) or 'nothing'} is no role; roles are {', '.join(Role)}")
        remind, escalate = int(given.get("remind_minutes", 30)), int(given.get("escalate_minutes", 60))
        due = given.get("due_minutes")
        duties[code] = Duty(roles, remind, escalate, int(due) if due else None, bool(given.get("private", False)))
    if "default" not in duties:
        raise ValueError("default: is missing; it says who gets what no other entry names")
    return duties


def parse_point_rules(mapping: Mapping[str, Any] | None) -> dict[str, PointRule]:
    """Return what each deed brings; ValueError for a deed nobody counts or points that are no whole number from 0."""
    rules: dict[str, PointRule] = {}
    for deed, given in (mapping or {}).items():
        if deed not in DEEDS:
            raise ValueError(f"{deed}: nobody counts that; deeds are {', '.join(DEEDS)}")
        points, label = given.get("points"), str(given.get("label", ""))
        if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= 1000 or not label:
            raise ValueError(f"{deed}: needs a label and points from 0 (off) to 1000")
        rules[deed] = PointRule(label, points)
    return rules


def parse_inviting(mapping: Mapping[str, Any] | None) -> Inviting:
    """Return how often one person is invited to surveys, and to which after what; ValueError says which key is wrong."""
    given = dict(mapping or {})
    days, after = given.pop("days_between", None), given.pop("after", None) or {}
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 365:
        raise ValueError("days_between: must be a whole number from 1 to 365")
    if given or not isinstance(after, dict):
        raise ValueError("keys are days_between and after, which leads from a service or 'complaint' to a survey")
    return Inviting(days, {str(done): str(survey) for done, survey in after.items()})


def parse_push_rule(mapping: Mapping[str, Any]) -> PushRule:
    """Return a push rule; ValueError says which key is wrong."""
    unknown = set(mapping) - _KEYS
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}; keys are {', '.join(sorted(_KEYS))}")
    missing = {"id", "title", "topic", "audience", "schedule", "text"} - set(mapping)
    if missing:
        raise ValueError(f"missing keys: {', '.join(sorted(missing))}")
    schedule = mapping["schedule"]
    misfire, kind = str(schedule.get("misfire", "run_once")), str(mapping.get("kind", "marketing"))
    if not _MISFIRE.fullmatch(misfire):
        raise ValueError("schedule.misfire: must be run_once, run_all or skip:<minutes>")
    if kind not in KINDS:
        raise ValueError(f"kind: must be one of {', '.join(KINDS)}")
    rule = PushRule(
        id=str(mapping["id"]),
        title=str(mapping["title"]),
        topic=str(mapping["topic"]),
        kind=kind,
        audience=str(mapping["audience"]),
        text=str(mapping["text"]),
        cron=str(schedule["cron"]),
        timezone=str(schedule.get("timezone", "Asia/Shanghai")),
        misfire=misfire,
        is_quiet=bool(mapping.get("quiet", True)),
    )
    next_time(rule.cron, rule.timezone, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    return rule


def check_push_rule(rule: PushRule, audience: Audience, topics: TopicBook) -> Iterator[tuple[str, str, str]]:
    """Yield (kind of mistake, key, what is wrong): an unknown topic, a milder class than its own, a price by profile."""
    if rule.topic not in topics.by_name:
        yield "topic", "topic", f"topic: {rule.topic} does not stand in topics.yaml"
    elif KINDS.index(rule.kind) < KINDS.index(topics.find_kind(rule.topic)):
        yield "topic", "kind", f"kind: {rule.topic} is {topics.find_kind(rule.topic)}, and no rule of it may need less of a yes"
    if names_price(rule.text) and names_profile(audience.node):
        message = "text: names a price, and its audience is chosen by what is known of people: everybody must be told it (D09)"
        yield "price_by_profile", "text", message


def next_time(cron: str, timezone: str, after: datetime) -> datetime | None:
    """Return the first instant of a cron line after `after`; ValueError for a line that cannot be read.

    Weekdays are names (sat), since APScheduler counts Monday as 0 and cron as 1 (pushes C2).
    """
    found: datetime | None = _trigger(cron, timezone).get_next_fire_time(None, after + _JUST_AFTER)
    return found


@lru_cache(maxsize=256)
def _trigger(cron: str, timezone: str) -> CronTrigger:
    parts = cron.split()
    if len(parts) != _FIELDS:
        raise ValueError(f"cron: {cron!r} must have five parts: minute hour day month weekday")
    if any(character.isdigit() for character in parts[4]):
        raise ValueError(f"cron: {cron!r} names a weekday by number; write mon, tue, wed, thu, fri, sat or sun")
    minute, hour, day, month, weekday = parts
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=ZoneInfo(timezone))
