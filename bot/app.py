"""Puts the web pages together: webhook, health, metrics, and the sandbox where the settings ask for it."""

from __future__ import annotations

import atexit
import hashlib
import hmac
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import redis
from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bot.files import FileLinks, build_door
from bot.memory import keep_all
from bot.redis_server import find_redis
from bot.runtime import Wiring, build_wiring
from bot.settings import Settings, load_settings
from bot.spool import Spool
from bot.webhook import Webhook, Wsgi, build_fast_door
from handlers.personal_export import FOLDER
from handlers.revisions import store_revisions

LOG = logging.getLogger(__name__)
MOUNT = "/sandbox"


def create_webhook(wiring: Wiring, settings: Settings) -> Webhook:
    """Return the webhook of the settings' account."""
    spool = Spool(settings.data_dir / "spool")
    return Webhook(wiring.runtime, wiring.account, settings.wire_mode, wiring.metrics, spool)


def create_app(wiring: Wiring, settings: Settings, webhook: Webhook) -> Flask:
    """Return the Flask app around a runtime."""
    app = Flask("guanjia", static_folder=None)
    app.register_blueprint(webhook.blueprint())
    links = wiring.runtime.links
    if isinstance(links, FileLinks):
        app.register_blueprint(build_door(links, settings.data_dir.resolve() / FOLDER))
    app.add_url_rule("/healthz", "healthz", lambda: Response("ok", mimetype="text/plain"))
    app.add_url_rule("/readyz", "readyz", lambda: _check_ready(wiring, settings))
    app.add_url_rule("/metrics", "metrics", lambda: Response(wiring.metrics.render(wiring.runtime), mimetype="text/plain"))
    return app


def _check_ready(wiring: Wiring, settings: Settings) -> Response:
    """Tell whether database, Redis and content are ready; 503 with the reasons otherwise."""
    from migrations.run import is_current  # Alembic is large, and only this page asks for it

    reasons = []
    try:
        with wiring.runtime.database.reading() as tx:
            if not is_current(tx.connection):
                reasons.append("database: its schema is not this version's, run `python -m bot migrate`")
    except SQLAlchemyError as error:
        reasons.append(f"database: {type(error).__name__}")
    url = settings.redis.url
    try:
        if not url:
            reasons.append("redis: none is running")
        else:
            with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
                client.ping()
    except redis.RedisError as error:
        reasons.append(f"redis: {type(error).__name__}")
    if reasons:
        return Response("\n".join(reasons), status=503, mimetype="text/plain")
    return Response("ready", mimetype="text/plain")


def create_console(wiring: Wiring, settings: Settings) -> Flask:
    """Return the staff pages as an app of their own: sessions and sign-in are no business of the webhook."""
    from console.access import ConsoleAccess, hash_password
    from console.app import register

    app = Flask("console", static_folder=None)
    app.config["SECRET_KEY"] = settings.web.session_secret
    login, secret = settings.console, settings.web.session_secret
    access = ConsoleAccess(
        login.login,
        hash_password(login.password),
        is_secure=settings.web.public_url.startswith("https"),
        is_sandbox=settings.is_sandbox,
        mark=hmac.new(secret.encode(), login.password.encode(), hashlib.sha256).hexdigest()[:32],
    )
    register(app, wiring.runtime, access)
    return app


class Later:
    """A WSGI app that is built when the first request for it comes: the webhook must not wait for pages nobody opened."""

    def __init__(self, build: Callable[[], Wsgi]) -> None:
        self._build, self._lock = build, threading.Lock()
        self._app: Wsgi | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Pass the request on."""
        with self._lock:
            self._app = self._app or self._build()
        return self._app(environ, start_response)


class Doors:
    """Sends a request to the app of its path's first part; the path stays whole."""

    def __init__(self, main: Wsgi, others: Mapping[str, Wsgi]) -> None:
        self._main, self._others = main, others

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Pass the request on."""
        first = environ.get("PATH_INFO", "").split("/", 2)[1:2]
        return self._others.get(first[0] if first else "", self._main)(environ, start_response)


def build_wsgi() -> Wsgi:
    """Build the WSGI app of a web process from the environment's settings."""
    settings = load_settings()
    if not settings.redis.url:
        found = find_redis(settings) or ""
        settings = settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": found})})
    wiring = build_wiring(settings)
    atexit.register(wiring.close)
    try:
        store_revisions(wiring.runtime)
    except SQLAlchemyError as error:
        LOG.warning("script revisions are not stored yet error=%s", type(error).__name__)
    wiring.runtime.understander.understand("您好")  # here, so that the first who writes does not wait for the segmenter
    keep_all()
    console = Later(lambda: create_console(wiring, settings))
    webhook = create_webhook(wiring, settings)
    app = create_app(wiring, settings, webhook)
    doors = Doors(app, {"wechat": build_fast_door(webhook, app), "console": console, "bootstrap": console})
    return mount_sandbox(doors, settings) if settings.is_sandbox else doors


def mount_sandbox(app: Wsgi, settings: Settings) -> Wsgi:
    """Put the local WeChat under /sandbox/ of the same server."""
    from sandbox.app import create_sandbox, start
    from sandbox.settings import SandboxConfig

    wechat = settings.wechat
    config = SandboxConfig(
        data_dir=settings.data_dir,
        webhook_url=f"{settings.web.public_url.rstrip('/')}/wechat",
        account=wechat.account,
        app_id=wechat.app_id,
        app_secret=wechat.app_secret,
        token=wechat.token,
        aes_key=wechat.aes_key,
        mode=settings.sandbox.mode,
        redeliver_after_seconds=settings.sandbox.redeliver_after_seconds,
        window_messages=wechat.window_messages,
        template_ids=dict(wechat.templates),
    )
    sandbox = create_sandbox(config)
    start(sandbox)
    return DispatcherMiddleware(app, {MOUNT: sandbox})
