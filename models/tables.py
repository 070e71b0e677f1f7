"""All tables in one place, for migrations and for tests that make an empty database."""

from models import (
    audits,
    campaigns,
    cases,
    conversations,
    followers,
    outbox,
    owners,
    places,
    schedules,
    sign_ins,
    staff,
    tags,
    tasks,
)
from models.base import Base

ROOMS = (audits, campaigns, cases, conversations, followers, outbox, owners, places, schedules, sign_ins, staff, tags, tasks)
METADATA = Base.metadata
