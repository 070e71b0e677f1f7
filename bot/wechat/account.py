"""The Official Account as values. It must not read settings or speak to anyone: bot.runtime fills it."""

from __future__ import annotations

from dataclasses import dataclass, field

OFFICIAL_API_BASE = "https://api.weixin.qq.com"
OFFICIAL_PAGE_BASE = "https://mp.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Account:
    """One Official Account. `name` is its gh_ id; `mode` is sandbox, plain, compatible or safe.

    Secrets are left out of the repr, so that an account in a log line or a traceback gives nothing away.
    """

    name: str
    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    aes_key_previous: str = field(default="", repr=False)
    mode: str = "plain"
    api_base: str = OFFICIAL_API_BASE

    def api_url(self, path: str) -> str:
        """Return the address of a server call, for example `menu/create`; every call goes to `api_base`."""
        return f"{self.api_base.rstrip('/')}/cgi-bin/{path}"

    def page_url(self, path: str) -> str:
        """Return the address of a picture or page for people; the sandbox serves its own."""
        base = self.api_base if self.mode == "sandbox" else OFFICIAL_PAGE_BASE
        return f"{base.rstrip('/')}/cgi-bin/{path}"
