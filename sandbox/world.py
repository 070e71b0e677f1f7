"""Everything one sandbox holds, opened once and passed by hand as the first argument. It decides nothing itself."""

from dataclasses import dataclass

from sandbox.people import seed_people
from sandbox.settings import SandboxConfig
from sandbox.store import Clock, Store


@dataclass(frozen=True)
class World:
    """The account's settings, the memory and the platform's clock."""

    config: SandboxConfig
    store: Store
    clock: Clock


def open_world(config: SandboxConfig) -> World:
    """Open (and on the first start fill) the sandbox's own database in `config.data_dir`."""
    store = Store(config.data_dir / "sandbox.db")
    seed_people(store, config.people_dir)
    return World(config, store, Clock(store))
