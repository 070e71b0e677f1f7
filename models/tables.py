"""All tables in one place, for migrations and for tests that make an empty database."""

from models import (  # noqa: F401 - to be imported is what fills the metadata
    accounts,
    answers,
    audits,
    bills,
    campaigns,
    cases,
    consents,
    conversations,
    estate_services,
    followers,
    jobs,
    merges,
    mirror,
    offers,
    outbox,
    owners,
    places,
    points,
    rights,
    rolls,
    runs,
    schedules,
    sealing_rows,
    segments,
    sign_ins,
    staff,
    staff_codes,
    tag_changes,
    tags,
    tasks,
    unheard,
    visits,
)
from models.base import Base

METADATA = Base.metadata
