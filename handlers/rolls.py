"""Keeps the rolls of common tags true, so that a question about a million owners is answered at once."""

from __future__ import annotations

from handlers.runtime import Runtime
from models.roll_keeping import keep_rolls

MOST_PAGES = 256  # in one look, a second's work


def keep_due(runtime: Runtime) -> int:
    """Write the pages anew that changed or ended tags made untrue; returns how many. What is left waits for the next look."""
    return keep_rolls(runtime.database, runtime.now(), MOST_PAGES)
