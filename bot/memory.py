"""How the collector of cycles works here: seldom, and never over what lives as long as the process.

Reading the content makes a million values without a cycle. At Python's own thresholds walking over them was a fifth of a start.
"""

from __future__ import annotations

import ctypes
import gc

THRESHOLDS = (50_000, 20, 20)


def collect_seldom() -> None:
    """Have the collector wait for many new values; called first thing in a process."""
    gc.set_threshold(*THRESHOLDS)


def keep_all() -> None:
    """Spare the collector all there is now, and give back to the system what the start left behind."""
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
