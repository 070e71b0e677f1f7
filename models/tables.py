"""All tables in one place, for migrations and for tests that make an empty database."""

from models import (
    accounts,
    audits,
    bills,
    campaigns,
    cases,
    conversations,
    followers,
    offers,
    outbox,
    owners,
    places,
    points,
    runs,
    schedules,
    sign_ins,
    staff,
    tag_changes,
    tags,
    tasks,
    unheard,
)
from models.base import Base

ROOMS = (
    accounts,
    audits,
    bills,
    campaigns,
    cases,
    conversations,
    followers,
    offers,
    outbox,
    owners,
    places,
    points,
    runs,
    schedules,
    sign_ins,
    staff,
    tag_changes,
    tags,
    tasks,
    unheard,
)
METADATA = Base.metadata
