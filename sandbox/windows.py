"""How many customer-service messages the account may still send to a person, and until when."""

from sandbox.errors import ApiError
from sandbox.world import World

MESSAGE_SECONDS = 48 * 3600
TOUCH_SECONDS = 60
TOUCH_MESSAGES = 3


def open_window(world: World, openid: str, kind: str) -> None:
    """Begin anew what one interaction allows: a `message` 48 h, a `click`, `follow` or `scan` three in one minute."""
    spoken = kind == "message"
    remaining = world.config.window_messages if spoken else TOUCH_MESSAGES
    until = world.clock.now() + (MESSAGE_SECONDS if spoken else TOUCH_SECONDS)
    world.store.run(
        "INSERT OR REPLACE INTO windows (openid, kind, until, remaining) VALUES (?, ?, ?, ?)",
        *(openid, kind, until, remaining),
    )


def close_windows(world: World, openid: str) -> None:
    """Forget every allowance, as when someone stops following."""
    world.store.run("DELETE FROM windows WHERE openid = ?", openid)


def spend_window(world: World, openid: str) -> None:
    """Use up one message, of the allowance that ends first; 45015 when none is open, 45047 when all are used up."""
    with world.store.writing():
        live = world.store.rows(
            "SELECT * FROM windows WHERE openid = ? AND until > ? ORDER BY until", openid, world.clock.now()
        )
        if not live:
            raise ApiError(45015)
        left = next((row for row in live if row["remaining"] > 0), None)
        if left is None:
            raise ApiError(45047)
        world.store.run("UPDATE windows SET remaining = remaining - 1 WHERE openid = ? AND kind = ?", openid, left["kind"])


def window_state(world: World, openid: str) -> dict[str, float]:
    """Return what is left now, for the phone page: messages that may still come, and seconds until it ends."""
    now = world.clock.now()
    live = world.store.rows("SELECT * FROM windows WHERE openid = ? AND until > ?", openid, now)
    return {
        "remaining": sum(row["remaining"] for row in live),
        "seconds": max((row["until"] - now for row in live), default=0),
    }
