"""Sends messages to many people at once over one connection pool: replies past the deadline, reminders, pushes.

One person's messages keep their order; different people's go out side by side. It must not store anything nor decide on
another channel: it says what became of each message.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import httpx

from bot.wechat.account import Account
from bot.wechat.answers import CALL_ERRORS, PausedError, TokenRefusedError, failure_of, read_json
from bot.wechat.bodies import Call, call_for
from bot.wechat.limiter import Limiter
from bot.wechat.loop import LoopThread
from bot.wechat.pool import ClientPool
from bot.wechat.tokens import TokenService
from handlers.errors import GatewayError, TemporaryFailureError, UnknownOutcomeError
from handlers.ports import Outgoing, SendResult

log = logging.getLogger(__name__)

SENT, FAILED, RETRY, UNKNOWN = "sent", "failed", "retry", "unknown"
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_CLOSING = SendResult(RETRY, "closing", retry_after_seconds=1.0)


@dataclass(slots=True)
class _Batch:
    """One send_many: its messages, its results so far, and which APIs take no more of it and why."""

    messages: Sequence[tuple[str, Outgoing]]
    results: list[SendResult]
    waiting: deque[list[int]]
    stopped: dict[str, SendResult] = field(default_factory=dict)


class WeChatSender:
    """Implements handlers.ports.Sender. Call `close` at the end of the process."""

    def __init__(
        self,
        account: Account,
        tokens: TokenService,
        *,
        concurrency: int = 32,
        timeout_seconds: float = 5.0,
        limiter: Limiter | None = None,
    ) -> None:
        self._account, self._tokens, self._limiter = account, tokens, limiter
        self._concurrency, self._timeout = concurrency, timeout_seconds
        self._loop = LoopThread("wechat-sender")
        self._pool: ClientPool | None = None
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._active = 0
        self._idle = threading.Condition()
        self._closing = False

    def send_many(self, messages: Sequence[tuple[str, Outgoing]]) -> list[SendResult]:
        """Send (openid, message) pairs; return one result each, in the same order. Never raises for an answer.

        After a result that asks for a later try, the person's further messages are held back with the reason `held`,
        so that the order survives the second try. A fault of the whole account stops the rest of the batch.
        """
        if not messages:
            return []
        with self._idle:
            if self._closing:
                return [_CLOSING] * len(messages)
            self._active += 1
        batch = _batch_of(messages)
        try:
            self._loop.run(self._send_all(batch, min(self._concurrency, len(batch.waiting))))
        except CancelledError:
            pass  # closed in the middle: what has left says `unknown` already, what has not says `closing`
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()
        return batch.results

    def close(self, grace_seconds: float = 3.0) -> None:
        """Let running requests end, for `grace_seconds` at most, then stop the thread.

        What was not begun by then is `retry`, what had left without an answer is `unknown`. Safe to call twice.
        """
        with self._idle:
            first, self._closing = not self._closing, True
            self._idle.wait_for(lambda: self._active == 0, timeout=grace_seconds)
        if first and self._pool is not None:
            self._loop.run(self._pool.aclose())  # what still waits for an answer ends here
            with self._idle:
                self._idle.wait_for(lambda: self._active == 0, timeout=1.0)
        self._loop.close()

    async def _send_all(self, batch: _Batch, workers: int) -> None:
        await asyncio.gather(*(self._work(batch) for _ in range(workers)))

    async def _work(self, batch: _Batch) -> None:
        while batch.waiting:
            indexes = batch.waiting.popleft()
            openid = batch.messages[indexes[0]][0]
            lane = self._lanes.setdefault(openid, asyncio.Lock())
            async with lane:  # another batch may be speaking to the same person
                await self._send_in_order(batch, indexes)

    async def _send_in_order(self, batch: _Batch, indexes: list[int]) -> None:
        earlier: SendResult | None = None
        for index in indexes:
            if earlier is not None and earlier.status == RETRY:
                held = SendResult(RETRY, "held", retry_after_seconds=earlier.retry_after_seconds)
                batch.results[index] = held
                continue
            earlier = batch.results[index] = await self._send_one(batch, index)

    async def _send_one(self, batch: _Batch, index: int) -> SendResult:
        try:
            call = call_for(*batch.messages[index])
            if not self._closing and call.api not in batch.stopped:
                await self._wait_for_permit(call.api)
            if self._closing or call.api in batch.stopped:
                return batch.stopped.get(call.api, _CLOSING)
            batch.results[index] = SendResult(UNKNOWN, "closing")  # what stands if we are ended on the way
            answer = await self._post(call)
        except GatewayError as error:
            result = _result_of(error)
            if isinstance(error, PausedError):
                batch.stopped[call.api] = result
            return result
        except Exception as error:  # one person's trouble must not cost the others their results
            log.error("sending stopped inside: %s", type(error).__name__)  # noqa: TRY400 - its text may hold the token
            return SendResult(UNKNOWN, "internal")
        if "errcode" not in answer:
            return SendResult(UNKNOWN, "garbage")
        return SendResult(SENT, message_id=str(answer.get("msgid") or ""))

    async def _wait_for_permit(self, api: str) -> None:
        if self._limiter is None:
            return
        permit = await self._limiter.take(api)
        if not permit.granted:
            raise TemporaryFailureError(permit.reason, retry_after_seconds=permit.wait_seconds)
        if permit.wait_seconds:
            await asyncio.sleep(permit.wait_seconds)

    async def _post(self, call: Call) -> dict[str, object]:
        if self._pool is None:  # made here, inside the loop it belongs to
            self._pool = ClientPool(self._concurrency, self._timeout, trust_env=self._account.mode != "sandbox")
        async with self._pool.lend() as client:
            token = self._tokens.peek()
            if token is None:
                token = await asyncio.to_thread(self._tokens.get)
            try:
                return await self._once(client, call, token)
            except TokenRefusedError:
                token = await asyncio.to_thread(self._tokens.refresh, token)
                return await self._once(client, call, token)

    async def _once(self, client: httpx.AsyncClient, call: Call, token: str) -> dict[str, object]:
        if self._closing:
            raise TemporaryFailureError("closing", retry_after_seconds=1.0)
        address = f"{self._account.api_url(call.path)}?access_token={token}"
        try:
            async with asyncio.timeout(2 * self._timeout):  # an answer that trickles in resets every other timeout
                response = await client.post(address, content=call.content, headers=_JSON)
        except TimeoutError:
            raise UnknownOutcomeError("timeout") from None
        except CALL_ERRORS as error:
            raise failure_of(error) from None
        return read_json(response.status_code, response.content)


def _batch_of(messages: Sequence[tuple[str, Outgoing]]) -> _Batch:
    people: dict[str, list[int]] = {}
    for index, (openid, _) in enumerate(messages):
        people.setdefault(openid, []).append(index)
    return _Batch(messages, [_CLOSING] * len(messages), deque(people.values()))


def _result_of(error: GatewayError) -> SendResult:
    if isinstance(error, UnknownOutcomeError):
        return SendResult(UNKNOWN, error.reason, error.code)
    if isinstance(error, TemporaryFailureError):
        return SendResult(RETRY, error.reason, error.code, retry_after_seconds=error.retry_after_seconds)
    return SendResult(FAILED, error.reason, error.code)
