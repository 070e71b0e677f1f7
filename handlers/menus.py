"""The account's custom menu: content on our side, published to the platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.runtime import Runtime


def publish(runtime: Runtime) -> Mapping[str, Any]:
    """Publish content's menu; its byte limits are checked before the call. Returns what was published."""
    runtime.gateway.publish_menu(runtime.content.menu["button"])
    return runtime.content.menu


def show(runtime: Runtime) -> Mapping[str, Any] | None:
    """Return the menu the account shows now, None when it has none."""
    return runtime.gateway.show_menu()
