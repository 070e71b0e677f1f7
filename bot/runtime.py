"""Builds the Runtime by hand from settings: the one place where parts meet. No part looks another one up."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

import models.tables  # noqa: F401 - a row may point to a table that this command has no other use for
from bot.clock import SystemClock
from bot.content import load_content
from bot.files import FileLinks
from bot.metrics import Metrics
from bot.queue import NullQueue, RedisQueue
from bot.sealing import SealingCipher
from bot.settings import Settings
from bot.spool import Spool
from bot.tokenizer import build_later, build_tokenizer
from bot.wechat.account import Account
from bot.wechat.api import WeChatGateway
from bot.wechat.limiter import LocalLimiter, Rate, RedisLimiter
from bot.wechat.sender import WeChatSender
from bot.wechat.tokens import TokenService
from bot.wechat.wire import open_http
from dialogs.intents.lexicon import Lexicon
from dialogs.intents.understander import Understander, words_of
from handlers.content import Content
from handlers.mirror_tags import StandingTags
from handlers.runtime import Options, Runtime
from handlers.sealing import seal_all
from models.database import Database

# the rest has a queue of its own, so no push holds a reply up
QUEUES = {"send_deliveries": "bulk", "keep_media": "bulk", "mirror_account": "bulk", "carry_jobs": "bulk"}
BULK_APIS = ("custom_send", "template_send")


@dataclass(slots=True)
class Wiring:
    """The runtime and what must be closed with it."""

    runtime: Runtime
    metrics: Metrics
    account: Account
    http: httpx.Client
    queue: RedisQueue | NullQueue

    def close(self) -> None:
        """Give back connections and threads."""
        self.runtime.sender.close()  # type: ignore[attr-defined]
        self.http.close()
        if isinstance(self.queue, RedisQueue):
            self.queue.close()
        self.runtime.database.close()


def read_account(settings: Settings) -> Account:
    """Return the Official Account as the settings name it."""
    wechat = settings.wechat
    return Account(
        name=wechat.account,
        app_id=wechat.app_id,
        app_secret=wechat.app_secret,
        token=wechat.token,
        aes_key=wechat.aes_key,
        aes_key_previous=wechat.aes_key_previous,
        mode=wechat.mode,
        api_base=wechat.api_base,
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """What every process reads before it can talk, and none changes."""

    content: Content
    understander: Understander


SHARED: list[Loaded] = []  # at most one: what all that this process, and those forked from it, build works over


def share_loaded(content: Content, lexicon: Lexicon) -> None:
    """Have everything that is built here, and in processes forked from this one, work over this content from now on."""
    SHARED[:] = [Loaded(content, Understander(lexicon, build_tokenizer(words_of(lexicon))))]


def _load() -> Loaded:
    if SHARED:
        return SHARED[0]
    content, lexicon = load_content()
    return Loaded(content, Understander(lexicon, build_later(words_of(lexicon))))


def build_wiring(settings: Settings) -> Wiring:
    """Build everything a process needs. Without a Redis, workers are not woken (the sweep finds the rows)."""
    redis_url = settings.redis.url
    loaded = _load()
    account = read_account(settings)
    store = open_redis(redis_url) if redis_url else None
    http = open_http(account)
    tokens = TokenService(store, account, http)
    rates = {api: Rate(settings.push.rate_per_second, burst=int(settings.push.rate_per_second) or 1) for api in BULK_APIS}
    limiter = RedisLimiter(store, account.app_id, rates) if store else LocalLimiter(rates)
    queue = RedisQueue(redis_url, QUEUES) if redis_url else NullQueue()
    metrics, database = Metrics(store), open_database(settings)
    runtime = Runtime(
        database=database,
        content=loaded.content,
        understander=loaded.understander,
        clock=SystemClock(),
        queue=queue,
        sender=WeChatSender(account, tokens, limiter=limiter),
        gateway=WeChatGateway(account, tokens, http),
        meter=metrics,
        options=read_options(settings),
        links=FileLinks(settings.web.public_url, settings.web.session_secret),
        traces=Spool(settings.data_dir / "spool"),
        account_tags=StandingTags(database),
    )
    return Wiring(runtime, metrics, account, http, queue)


def open_database(settings: Settings) -> Database:
    """Return the database with the cipher of its sensitive columns."""
    rows = settings.database
    return Database(rows.url, rows.pool_size, SealingCipher(rows.seal_key, rows.seal_key_previous))


def seal_rows(settings: Settings) -> int:
    """Seal what an earlier version or key left in the rows; returns how many. Raises ValueError when a key is missing (D06)."""
    database = open_database(settings)
    try:
        return seal_all(database, _load().content, SystemClock().now())
    finally:
        database.close()


def open_redis(url: str) -> redis.Redis:
    """Return a client that gives up soon: a Redis that is away must not hold anybody up."""
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1, retry=Retry(NoBackoff(), 1))


def read_options(settings: Settings) -> Options:
    """Return the settings that use cases look at."""
    return Options(
        zone=settings.estate.zone,
        data_dir=settings.data_dir,
        window_messages=settings.wechat.window_messages,
        templates=dict(settings.wechat.templates),
        quiet=settings.push.quiet,
    )


def build_runtime(settings: Settings) -> Runtime:
    """Return a Runtime for a short command; its connections end with the process."""
    return build_wiring(settings).runtime
