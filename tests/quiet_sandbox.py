"""A sandbox for tests that only talk to its server API: nobody listens where it would deliver, and nobody lives there yet."""

from __future__ import annotations

from pathlib import Path

from sandbox.settings import SandboxConfig


def make_quiet_config(folder: Path) -> SandboxConfig:
    """Return its settings; everything it keeps lies under `folder`."""
    return SandboxConfig(
        data_dir=folder / "sandbox",
        webhook_url="http://127.0.0.1:1/wechat",
        account="gh_test",
        app_id="wxtest",
        app_secret="secret",
        token="AAAAA",
        aes_key="a" * 43,
        people_dir=folder / "nobody",
    )
