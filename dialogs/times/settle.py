"""Turn what was recognised into one mention: the reading that is still ahead, or the reason why there is none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dialogs.times.clock import WINDOWS, Clock, readings
from dialogs.times.hits import DayHit
from dialogs.times.offsets import Distance
from dialogs.times.words import Reason, TimeMention

FURTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Piece:
    """A recognised part of a text: a day, a clock, both, or a distance from now."""

    start: int
    end: int
    hit: DayHit | None = None
    clock: Clock | None = None
    distance: Distance | None = None
    is_flexible: bool = False

    def is_day_ahead(self, today: date) -> bool:
        """Tell whether a clock may still be joined to it; 昨天坏的，下午三点来 speaks of two days."""
        day = self.hit and self.hit.reason is None and (self.hit.last or self.hit.day)
        return self.clock is None and bool(day and day >= today)

    @property
    def is_clock_only(self) -> bool:
        """Tell whether a day may still be joined to it."""
        return self.clock is not None and self.hit is None

    @property
    def is_vague(self) -> bool:
        """Tell whether it says "some day"."""
        return self.distance is not None and self.distance.reason == "vague"

    @property
    def is_any_time(self) -> bool:
        """Tell whether it says that any time will do."""
        return self.distance is not None and self.distance.is_flexible


def settle(piece: Piece, text: str, local: datetime) -> TimeMention:
    """Make the mention of a piece; `local` is the naive local time."""
    blank = TimeMention(piece.start, piece.end, text[piece.start : piece.end], flexible=piece.is_flexible)
    if piece.distance:
        return _far(_of_distance(blank, piece.distance), local)
    hit, clock = piece.hit, piece.clock
    if hit and (hit.day is None or hit.reason):
        return replace(blank, date=hit.day, reason=hit.reason or "vague", confidence=hit.sure)
    if clock is None:
        return _far(_of_days(blank, hit, local), local) if hit else blank
    if not (clock.is_possible and (clock.last is None or clock.last.is_possible)):
        return replace(blank, grain="minute", part=clock.part, reason="impossible", confidence=0.7)
    mention = _of_part(blank, hit, clock, local) if clock.hour is None else _of_clock(blank, hit, clock, local)
    return _far(mention, local)


def _far(mention: TimeMention, local: datetime) -> TimeMention:
    if mention.reason is None and mention.date and mention.date - local.date() > FURTHEST:
        return replace(mention, reason="too_far")
    return mention


def _of_distance(blank: TimeMention, distance: Distance) -> TimeMention:
    first, last = distance.first, distance.last
    if first is None:
        return replace(blank, reason=distance.reason, confidence=distance.sure)
    is_minute = distance.grain == "minute"
    return replace(
        blank,
        date=first.date(),
        time=first.time() if is_minute else None,
        end_date=last.date() if last and last.date() != first.date() else None,
        end_time=last.time() if last and is_minute else None,
        grain=distance.grain,
        confidence=distance.sure,
        flexible=distance.is_flexible,
    )


def _of_days(blank: TimeMention, hit: DayHit, local: datetime) -> TimeMention:
    last = hit.last or hit.day
    reason: Reason | None = "past" if last and last < local.date() else None
    end = hit.last if hit.last != hit.day else None
    return replace(blank, date=hit.day, end_date=end, confidence=hit.sure, reason=reason)


def _days(hit: DayHit | None, local: datetime) -> list[date]:
    """List the days a clock may belong to, the nearest first."""
    if hit is None or hit.day is None:
        return [local.date(), local.date() + timedelta(days=1)]
    if hit.last:
        return [hit.day + timedelta(days=n) for n in range(min((hit.last - hit.day).days, 31) + 1)]
    return [hit.day, *([hit.later] if hit.later else [])]


def _of_part(blank: TimeMention, hit: DayHit | None, clock: Clock, local: datetime) -> TimeMention:
    part = clock.part or ""
    days = _days(hit, local)
    ahead = [day for day in days if _midnight(day) + timedelta(minutes=WINDOWS[part][1]) > local]
    day = ahead[0] if ahead else days[0]
    sure = hit.sure if hit else 0.5
    return replace(
        blank, date=day, end_date=_still_later(hit, day), grain="part", part=part, confidence=sure,
        reason=None if ahead else "past",
    )  # fmt: skip


def _still_later(hit: DayHit | None, day: date) -> date | None:
    return hit.last if hit and hit.last and hit.last > day else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _of_clock(blank: TimeMention, hit: DayHit | None, clock: Clock, local: datetime) -> TimeMention:
    minute = local.replace(second=0, microsecond=0)
    options = sorted(_starts(_days(hit, local), clock), key=lambda each: (each[0], each[1]))
    start = next((at for _, _, at in options if at >= minute), None)
    reason: Reason | None = None if start else "past"
    begun = options[0][2]
    if clock.last and hit and begun < minute <= (_end(begun, clock) or begun):
        start, reason = begun, None  # 今天9点到11点, said at 10: still going on
    start = start or begun
    end = _end(start, clock)
    if clock.last and end is None:
        reason = "impossible"
    return _timed(replace(blank, reason=reason), hit, clock, start, end)


def _starts(days: list[date], clock: Clock) -> Iterator[tuple[bool, int, datetime]]:
    """Yield (outside 08-20, order, moment): an hour with two readings prefers the working one, whichever the day."""
    for order, day in enumerate(days):
        for later, at in readings(clock, clock.part):
            is_odd = not (clock.part or clock.is_exact) and not 8 <= at.hour < 20
            yield is_odd, order, _midnight(day) + timedelta(days=later, hours=at.hour, minutes=at.minute)


def _end(start: datetime, clock: Clock) -> datetime | None:
    """Return the first reading of a span's end that lies after its start; None where there is none."""
    if clock.last is None:
        return None
    ends = [datetime.combine(start.date() + timedelta(days=later), at) for later, at in readings(clock.last, clock.last.part)]
    if start.hour >= 18:
        ends += [end + timedelta(days=1) for end in ends]
    return min((end for end in ends if end > start), default=None)


def _timed(blank: TimeMention, hit: DayHit | None, clock: Clock, start: datetime, end: datetime | None) -> TimeMention:
    at: time | None = start.time()
    until = end.time() if end else None
    crosses = end is not None and end.date() > start.date()
    last_day = end.date() if end and crosses else _still_later(hit, start.date())
    if clock.is_before:
        at, until = None, start.time()
    return replace(
        blank, date=start.date(), time=at, end_time=until, end_date=last_day, grain="minute", part=clock.part,
        confidence=round(_sureness(hit, clock, start), 2),
    )  # fmt: skip


def _sureness(hit: DayHit | None, clock: Clock, start: datetime) -> float:
    """Rate a reading: one with its part or 24-hour digits is sure, a lone 三点 is a guess."""
    if clock.part or clock.is_exact:
        sure = 0.95
    else:
        other = (start.hour + 12) % 24
        is_only_working_hour = 8 <= start.hour < 20 and not 8 <= other < 20
        sure = 0.75 if is_only_working_hour else 0.6
    return min(sure, hit.sure) if hit else sure * 0.9
