"""Puts the web pages together: webhook, health, metrics, and the sandbox where the settings ask for it."""

from __future__ import annotations

import atexit
import logging
from typing import Any

import redis
from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bot.redis_server import find_redis
from bot.runtime import Wiring, build_wiring
from bot.settings import Settings, load_settings
from bot.spool import Spool
from bot.webhook import Webhook
from console.access import ConsoleAccess, hash_password
from console.app import register
from handlers.revisions import store_revisions
from migrations.run import is_current

LOG = logging.getLogger(__name__)
MOUNT = "/sandbox"


def create_app(wiring: Wiring, settings: Settings) -> Flask:
    """Return the Flask app around a runtime."""
    app = Flask("guanjia", static_folder=None)
    app.config["SECRET_KEY"] = settings.web.session_secret
    spool = Spool(settings.data_dir / "spool")
    webhook = Webhook(wiring.runtime, wiring.account, settings.wire_mode, wiring.metrics, spool)
    app.register_blueprint(webhook.blueprint())
    console = settings.console
    access = ConsoleAccess(
        console.login, hash_password(console.password), is_secure=settings.web.public_url.startswith("https")
    )
    register(app, wiring.runtime, access)
    app.add_url_rule("/healthz", "healthz", lambda: Response("ok", mimetype="text/plain"))
    app.add_url_rule("/readyz", "readyz", lambda: _check_ready(wiring, settings))
    app.add_url_rule("/metrics", "metrics", lambda: Response(wiring.metrics.render(wiring.runtime), mimetype="text/plain"))
    return app


def _check_ready(wiring: Wiring, settings: Settings) -> Response:
    """Tell whether database, Redis and content are ready; 503 with the reasons otherwise."""
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


def build_wsgi() -> Any:
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
    app = create_app(wiring, settings)
    return mount_sandbox(app, settings) if settings.is_sandbox else app


def mount_sandbox(app: Flask, settings: Settings) -> Any:
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
