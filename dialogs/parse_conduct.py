"""How a conversation behaves in time: keys session, once, quota, timeout and their durations -> values. Runs nothing."""

from __future__ import annotations

import re
from datetime import timedelta

from dialogs.conduct import Once, Quota, Resume, Sitting, Timeout
from dialogs.fields import Fields
from dialogs.script import ScriptKind

SESSION_KEYS = ("remind_after", "reminds", "idle_timeout", "on_idle", "resume", "max_age")
QUOTA_KEYS = ("answers", "per_building")
TIMEOUT_KEYS = ("after", "then")
EVER, NEVER = "ever", "never"
_DURATION = re.compile(r"(?P<number>[1-9]\d{0,5})(?P<unit>[smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=366)
_MANY = 1_000_000
_PATIENT = Sitting(remind_after=timedelta(minutes=10))
_BRIEF = Sitting(on_idle="discard")
_DEFAULTS = {ScriptKind.SERVICE: _PATIENT, ScriptKind.SURVEY: _PATIENT}


def read_duration(fields: Fields, key: str, *, required: bool = False, longest: timedelta = _LONGEST) -> timedelta | None:
    """Return a duration such as 90s, 10m, 2h or 7d, at most `longest`; None when it is absent or none (noted)."""
    found = fields.scalar(key, required=required)
    if found is None:
        return None
    read = _DURATION.fullmatch(found.text.strip())
    duration = timedelta(**{_UNITS[read["unit"]]: int(read["number"])}) if read else None
    if duration is None or duration > longest:
        fields.note(found.place, "duration", f"'{key}' is a duration such as 90s, 10m, 2h or 7d, not '{found.text}'")
        return None
    return duration


def read_sitting(fields: Fields, kind: ScriptKind) -> Sitting:
    """Return the key `session`; what it leaves out is as usual for this kind of script."""
    usual = _DEFAULTS.get(kind, _BRIEF)
    inner = fields.within("session", "session", "a mapping such as {remind_after: 10m, idle_timeout: 2h}")
    if inner is None:
        return usual
    inner.check_keys(SESSION_KEYS)
    is_silent = inner.text("remind_after") == NEVER
    sitting = Sitting(
        remind_after=None if is_silent else read_duration(inner, "remind_after") or usual.remind_after,
        reminds=inner.count("reminds", usual.reminds, 0, 3),
        idle_after=read_duration(inner, "idle_timeout") or usual.idle_after,
        on_idle=inner.reaction("on_idle", ("draft", "discard"), usual.on_idle),
        resume=Resume(inner.word("resume", Resume, usual.resume)),
        max_age=read_duration(inner, "max_age") or usual.max_age,
        place=inner.node.place,
    )
    _check_order(inner, sitting)
    return sitting


def _check_order(fields: Fields, sitting: Sitting) -> None:
    if sitting.remind_after is not None and sitting.remind_after >= sitting.idle_after:
        fields.note(fields.place_of("remind_after"), "out_of_range", "'remind_after' comes before 'idle_timeout'")
    if sitting.max_age < sitting.idle_after:
        fields.note(fields.place_of("max_age"), "out_of_range", "'max_age' does not come before 'idle_timeout'")


def read_once(fields: Fields) -> Once | None:
    """Return the key `once`: `ever`, or the period in which one run is enough."""
    if not fields.has("once"):
        return None
    if fields.text("once") == EVER:
        return Once()
    period = read_duration(fields, "once")
    return None if period is None else Once(period)


def read_quota(fields: Fields) -> Quota | None:
    """Return the key `quota`."""
    inner = fields.within("quota", "quota", "a mapping such as {answers: 500, per_building: 20}")
    if inner is None:
        return None
    inner.check_keys(QUOTA_KEYS)
    read = {key: inner.count(key, 0, 1, _MANY) or None for key in QUOTA_KEYS}
    if not any(inner.has(key) for key in QUOTA_KEYS):
        inner.note(inner.node.place, "missing_key", "quota needs 'answers' or 'per_building'")
    return Quota(read["answers"], read["per_building"])


def read_timeout(fields: Fields) -> Timeout | None:
    """Return the key `timeout` of a question."""
    inner = fields.within("timeout", "timeout", "a mapping such as {after: 5m, then: skip}")
    if inner is None:
        return None
    inner.check_keys(TIMEOUT_KEYS)
    after = read_duration(inner, "after", required=True)
    then = inner.reaction("then", ("skip", "cancel"), "skip") if inner.text("then", required=True) else "skip"
    return None if after is None else Timeout(after, then, inner.place_of("then"))
