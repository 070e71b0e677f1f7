"""What tests and the second view can turn: arranged faults, skipped time, dead tokens, limits, windows."""

from collections.abc import Callable
from typing import Any

from sandbox.faults import add_fault, clear_faults
from sandbox.tokens import expire_all
from sandbox.windows import close_windows, open_window
from sandbox.world import World


def _fail(world: World, value: Any) -> None:
    for fault in value if isinstance(value, list) else [value]:
        add_fault(world, dict(fault))


def _limit(world: World, value: Any) -> None:
    world.store.put(f"daily_limit {value['path']}", int(value["daily_limit"]))


KNOBS: dict[str, Callable[[World, Any], None]] = {
    "fail": _fail,
    "clear": lambda world, value: clear_faults(world) if value else None,
    "expire_tokens": lambda world, value: expire_all(world) if value else None,
    "advance_seconds": lambda world, value: world.clock.advance(float(value)),
    "quota": _limit,
    "template_status": lambda world, value: world.store.put("template_status", str(value)),
    "open_window": lambda world, value: open_window(world, str(value), "message"),
    "close_window": lambda world, value: close_windows(world, str(value)),
}


def turn(world: World, wanted: dict[str, Any]) -> list[str]:
    """Turn every knob named and return their names; ValueError for a name that is none or a value that does not fit."""
    unknown = sorted(set(wanted) - set(KNOBS))
    if unknown:
        raise ValueError(f"no such knob: {', '.join(unknown)}")
    for name, value in wanted.items():
        try:
            KNOBS[name](world, value)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{name} does not fit: {value!r}") from error
    return list(wanted)
