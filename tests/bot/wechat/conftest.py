"""Fixtures: a stub platform, an account that points at it, tokens in a real Redis."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import redis

from bot.wechat.account import Account
from bot.wechat.api import WeChatGateway
from bot.wechat.sender import WeChatSender
from bot.wechat.tokens import TokenService
from bot.wechat.wire import open_http
from tests.bot.wechat.stub import Platform

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform()
    yield platform
    platform.close()


@pytest.fixture
def account(platform: Platform) -> Account:
    return Account("gh_1", "wx2c2769f8efd9abc2", "s3cret", "spamtest", AES_KEY, "", "sandbox", platform.url)


@pytest.fixture
def http(account: Account) -> Iterator[httpx.Client]:
    with open_http(account, timeout_seconds=2.0) as client:
        yield client


@pytest.fixture
def shared(redis_url: str) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(redis_url)
    yield client
    client.close()


@pytest.fixture
def tokens(shared: redis.Redis, account: Account, http: httpx.Client) -> TokenService:
    return TokenService(shared, account, http, timeout_seconds=2.0)


@pytest.fixture
def gateway(account: Account, tokens: TokenService, http: httpx.Client) -> WeChatGateway:
    return WeChatGateway(account, tokens, http, timeout_seconds=0.5)


@pytest.fixture
def sender(account: Account, tokens: TokenService) -> Iterator[WeChatSender]:
    sender = WeChatSender(account, tokens, concurrency=8, timeout_seconds=0.5)
    yield sender
    sender.close()
