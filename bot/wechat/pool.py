"""As many HTTP clients as requests may run at once, each with one connection.

One client with 32 connections would do, but httpx looks at every connection of a pool for every request: measured at 32
concurrent requests that is four times slower (3.7 ms against 0.8 ms of processor time each).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx


class ClientPool:
    """Lends clients to one event loop; `size` callers at most hold one, the others wait their turn."""

    def __init__(self, size: int, timeout_seconds: float, *, trust_env: bool) -> None:
        self._timeout, self._trust_env = timeout_seconds, trust_env
        self._turns = asyncio.Semaphore(size)
        self._context = httpx.create_ssl_context()
        self._made: list[httpx.AsyncClient] = []
        self._idle: list[httpx.AsyncClient] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a client for one request; the last one given back goes out first, so that warm connections are used."""
        async with self._turns:
            client = self._idle.pop() if self._idle else self._make()
            try:
                yield client
            finally:
                self._idle.append(client)

    async def aclose(self) -> None:
        """Close every client; requests still on the way end with an error."""
        for client in self._made:
            await client.aclose()

    def _make(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            timeout=self._timeout,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            verify=self._context,
            trust_env=self._trust_env,
        )
        self._made.append(client)
        return client
