"""What conversations want done about surveys and visits that staff lead: values like those of effects.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindVisit:
    """Staff: read `who` (name, room or phone tail, 座谈会 or 供应商) and `more` (survey, way, case) of a visit to begin.

    Result: count, people (key, label), first (key of the only one, else empty), surveys (key, label, ways, is_calling),
    ways (key, label), survey and way (keys of those that `more` names or that are the only ones, else empty), no (of the
    case that `more` names, else empty).
    Refused: unknown, forbidden.
    """

    who: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """Staff: begin a visit to owner `owner` (its id; 0 for a group or a supplier). `outcome`: empty, or why she was not met.

    Result: no, visit (its id), script, name, state (what a dead call made of her number). Refused: unknown, forbidden,
    refused (she does not want to be asked, until), done (has answered it already).
    """

    owner: str
    survey: str
    way: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class PutOffVisit:
    """Staff: break a visit off and come another time (`no`, the running one without it). Result: no, name, task.

    Refused: unknown, not_yours, closed.
    """

    no: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class NoteRecorder:
    """Staff: note who kept the record of visit `no` while another asked (R83).

    Result: no, name. Refused: unknown, closed.
    """

    no: str


@dataclass(frozen=True, slots=True)
class CodeVisit:
    """Staff: the records of visit `no` are in order. Result: no, name, text (its answers), is_one (one person did all three).

    Refused: unknown, open (not asked to its end), coded (by).
    """

    no: str


@dataclass(frozen=True, slots=True)
class BookReturnVisit:
    """Somebody comes to the door because a mark was low (R59): a task for her butler. Result: no, assignee."""

    reason: str = ""
    about: str = ""


SurveyEffect = FindVisit | OpenVisit | PutOffVisit | NoteRecorder | CodeVisit | BookReturnVisit
SURVEY_LOOKUPS = (FindVisit,)
STAFF_SURVEY_EFFECTS = (FindVisit, OpenVisit, PutOffVisit, NoteRecorder, CodeVisit)
