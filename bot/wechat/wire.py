"""One authorised call of the slow server API: token, timeout, one retry after a refused token, typed errors.

wechatpy keeps the bodies and paths of the APIs; this replaces its transport, whose retry has no bound, whose token
calls have no timeout and no lock, and whose addresses are fixed (B3).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx
from wechatpy.client import WeChatClient

from bot.wechat.account import Account
from bot.wechat.answers import CALL_ERRORS, TokenRefusedError, failure_of, read_json, silent_answer
from bot.wechat.bodies import dump
from bot.wechat.tokens import TokenService
from handlers.errors import PermanentFailureError, TemporaryFailureError
from handlers.ports import Media

MAX_MEDIA_BYTES = 20 * 1024 * 1024
_DOWNLOAD_SECONDS = 60.0
_READING_POSTS = frozenset({"tags/getidlist", "user/tag/get", "user/info/batchget"})


def open_http(account: Account, *, timeout_seconds: float = 10.0) -> httpx.Client:
    """Return the HTTP client for tokens and the slow API; the caller closes it. The sandbox is never behind a proxy."""
    return httpx.Client(timeout=timeout_seconds, trust_env=account.mode != "sandbox")


class PlatformClient(WeChatClient):  # type: ignore[misc]
    """wechatpy's client with our transport: `client.tag.create(...)` and the like raise our errors only."""

    def __init__(self, account: Account, tokens: TokenService, http: httpx.Client, *, timeout_seconds: float = 10.0) -> None:
        super().__init__(account.app_id, "", timeout=timeout_seconds, auto_retry=False)
        self._account, self._tokens, self._wire = account, tokens, http

    @property
    def access_token(self) -> str:
        """Return the shared token."""
        return self._tokens.get()

    def fetch_access_token(self) -> str:
        """Return the shared token: this client never fetches one of its own."""
        return self._tokens.get()

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """Call the API at `url_or_endpoint` (a path under /cgi-bin/); the hook through which all of wechatpy goes."""
        processor = kwargs.pop("result_processor", None)
        acts = method.lower() != "get" and url_or_endpoint not in _READING_POSTS
        content = kwargs.get("data")
        request = {
            "params": dict(kwargs.get("params") or {}),
            "content": content if content is None or isinstance(content, bytes) else dump(content),
            "files": kwargs.get("files"),
        }
        token = self._tokens.get()
        try:
            answer = self._once(method, url_or_endpoint, token, request, acts)
        except TokenRefusedError:
            answer = self._once(method, url_or_endpoint, self._tokens.refresh(token), request, acts)
        try:
            return processor(answer) if processor else answer
        except (KeyError, TypeError, IndexError):
            raise silent_answer("garbage", acts=acts) from None

    def _once(self, method: str, path: str, token: str, request: Mapping[str, Any], acts: bool) -> dict[str, Any]:
        parameters = {**request["params"], "access_token": token}
        try:
            response = self._wire.request(
                method.upper(),
                self._account.api_url(path),
                **{**request, "params": parameters},
                timeout=self.timeout,
            )
        except CALL_ERRORS as error:
            raise failure_of(error, acts=acts) from None
        return read_json(response.status_code, response.content, acts=acts)

    def fetch_media(self, media_id: str) -> Media:
        """Return a file a person sent; raise PermanentFailureError (`media_invalid`, `media_too_large`)."""
        token = self._tokens.get()
        try:
            return self._download(media_id, token)
        except TokenRefusedError:
            return self._download(media_id, self._tokens.refresh(token))

    def _download(self, media_id: str, token: str) -> Media:
        address = self._account.api_url("media/get")
        media = self._stream(address, {"media_id": media_id, "access_token": token})
        if not _is_words(media):
            return media
        # An error or, for a video, the address it can be had from; both come with status 200.
        video_url = str(read_json(200, media.content, acts=False).get("video_url", ""))
        if not video_url.startswith(("http://", "https://")):
            raise TemporaryFailureError("garbage")
        return self._stream(video_url, {})

    def _stream(self, address: str, parameters: dict[str, str]) -> Media:
        content = bytearray()
        ends_at = time.monotonic() + _DOWNLOAD_SECONDS
        try:
            with self._wire.stream("GET", address, params=parameters or None, timeout=self.timeout) as response:
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > MAX_MEDIA_BYTES:
                        raise PermanentFailureError("media_too_large")
                    if time.monotonic() > ends_at:  # each piece resets the library's own timeout
                        raise TemporaryFailureError("timeout")
                status, kind = response.status_code, response.headers.get("content-type", "")
        except CALL_ERRORS as error:
            raise failure_of(error, acts=False) from None
        if status != 200:
            read_json(status, bytes(content), acts=False)
        if status != 200 or not content:
            raise TemporaryFailureError("garbage")
        return Media(bytes(content), kind or "application/octet-stream")


def _is_words(media: Media) -> bool:
    kind = media.content_type.partition(";")[0].strip().lower()
    return kind in {"application/json", "text/plain", "text/html", "text/json"}
