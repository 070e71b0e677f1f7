"""The JSON the phone page and tests use, under /api. It is not part of WeChat; the bot never calls it."""

import secrets
import time
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.actions import ActionRefusedError, act
from sandbox.api.menus import menu_for
from sandbox.api.qrcodes import live_codes
from sandbox.calls import list_calls, log_call
from sandbox.chat import list_messages, mark_read, unread
from sandbox.courier import Courier, exchange, open_connection
from sandbox.envelope import verification_url
from sandbox.knobs import turn
from sandbox.people import add_person, find_person
from sandbox.pictures import SAMPLES, load_media
from sandbox.windows import window_state
from sandbox.world import World

blueprint = Blueprint("phone_api", __name__, url_prefix="/api")


def _world() -> World:
    world: World = current_app.extensions["world"]
    return world


def _courier() -> Courier:
    courier: Courier = current_app.extensions["courier"]
    return courier


@blueprint.before_request
def refuse_other_sites() -> None:
    """Let no other web page of the same browser act as a resident."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") == "cross-site":
        abort(403)


@blueprint.errorhandler(HTTPException)
def as_json(error: HTTPException) -> tuple[Response, int]:
    """Say what was wrong with a request as JSON."""
    return jsonify(error=error.description), error.code or 500


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400, "a JSON object is needed")
    return body


@blueprint.get("/people")
def people() -> Response:
    """List the phone book with what is unread."""
    waiting = unread(_world())
    found = _world().store.rows("SELECT openid, name, role, grouping, detail, following FROM people ORDER BY position, openid")
    listed = [{**row, "following": bool(row["following"]), "unread": waiting.get(row["openid"], 0)} for row in found]
    return jsonify(people=listed, account=_world().config.account_name)


@blueprint.post("/people")
def new_person() -> tuple[Response, int]:
    """Add a person: openid, name, and optionally role, group, following."""
    body = _body()
    openid = str(body.get("openid") or f"oDEMO_{secrets.token_hex(6)}")
    following = int(bool(body.get("following", False)))
    group, name = str(body.get("group", "陌生人")), str(body.get("name", "新朋友"))
    since = int(time.time()) if following else None
    add_person(_world().store, openid, name, str(body.get("role", "路人")), group, following=following, subscribed_at=since)
    return jsonify(openid=openid), 201


@blueprint.get("/messages")
def messages() -> Response:
    """List the bubbles after an id; `seen=1` marks them read. Also unread counts, the window, and pushes under way."""
    openid, after = request.args.get("openid", ""), request.args.get("after", 0, int)
    person = find_person(_world(), openid)
    if person is None:
        abort(404, "no such person")
    # Asked first: an answer that comes in between is shown now or looked for again, never taken for none.
    pending = _world().store.value("SELECT count(*) FROM deliveries WHERE openid = ? AND state = 'pending'", openid)
    found = list_messages(_world(), openid, after)
    if request.args.get("seen") == "1":
        mark_read(_world(), openid)
    return jsonify(
        messages=found,
        pending=pending,
        unread=unread(_world()),
        following=bool(person["following"]),
        refuses=bool(person["refuses"]),
        window=window_state(_world(), openid),
    )


@blueprint.post("/send")
def send() -> Response:
    """Do one thing as one person: openid, kind, and the fields of that kind; a picture may come as a form file."""
    given: dict[str, Any] = request.form.to_dict() if request.form else _body()
    picture = request.files.get("picture")
    upload = (picture.filename or "picture.png", picture.read()) if picture else None
    if upload and not (picture and picture.mimetype.startswith("image/")):
        abort(400, "请选择一张图片")
    openid, kind = str(given.get("openid", "")), str(given.get("kind", "text"))
    try:
        delivery = act(_world(), openid, kind, given, root=request.url_root, upload=upload)
    except ActionRefusedError as refused:
        abort(409, str(refused))
    _courier().wake()
    return jsonify(ok=True, delivery=delivery)


@blueprint.get("/deliveries")
def deliveries() -> Response:
    """List the newest pushes to the webhook, of one person or of all, with their state and outcome."""
    openid = request.args.get("openid", "")
    found = _world().store.rows(
        "SELECT * FROM deliveries WHERE (? = '' OR openid = ?) ORDER BY id DESC LIMIT 100", openid, openid
    )
    return jsonify(deliveries=found)


@blueprint.get("/calls")
def calls() -> Response:
    """List what crossed the wire, newest first; before, after, limit, kind, q and failed narrow it."""
    numbers = {key: request.args.get(key, 0, int) for key in ("before", "after")}
    found = list_calls(
        _world(),
        **numbers,
        limit=request.args.get("limit", 50, int),
        kind=request.args.get("kind", ""),
        text=request.args.get("q", ""),
        failed=request.args.get("failed") == "1",
    )
    return jsonify(calls=found)


@blueprint.post("/knobs")
def knobs() -> Response:
    """Turn knobs: fail, clear, expire_tokens, advance_seconds, quota, template_status, open_window, close_window."""
    try:
        turned = turn(_world(), _body())
    except ValueError as error:
        abort(400, str(error))
    return jsonify(ok=True, turned=turned)


@blueprint.get("/menu")
def menu() -> Response:
    """Return the custom menu as one person sees it."""
    return jsonify(button=menu_for(_world(), request.args.get("openid", "")))


@blueprint.get("/choices")
def choices() -> Response:
    """Return what the plus panel offers: sample pictures, codes made by the account, templates."""
    templates = [{"name": name, "template_id": tid} for name, tid in _world().config.template_ids.items()]
    samples = [{"name": name, "label": label} for name, label in SAMPLES.items()]
    return jsonify(samples=samples, codes=live_codes(_world()), templates=templates)


@blueprint.get("/media/<media_id>")
def media(media_id: str) -> Response:
    """Return a picture that went through the chat; anything that is no picture only as a download."""
    found = load_media(_world(), media_id)
    if found is None:
        abort(404, "no such media, or older than three days")
    shown = found["mime"] in {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}
    response = Response(found["content"], mimetype=found["mime"] if shown else "application/octet-stream")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@blueprint.post("/verify")
def verify() -> Response:
    """Ask the webhook to prove itself, as the console of the platform does, and log what it said."""
    config, echo = _world().config, str(secrets.randbelow(10**19))
    url, began = verification_url(config, echo), time.monotonic()
    connection = open_connection(url, 5)
    try:
        status, answer = exchange(connection, "GET", url, None)
    except OSError as error:
        status, answer = 0, str(error).encode()
    finally:
        connection.close()
    said, ms = answer.decode(errors="replace"), (time.monotonic() - began) * 1000
    log_call(_world(), "webhook", method="GET", path=url, status=status, ms=ms, sent="", answer=said)
    return jsonify(ok=status == 200 and said == echo, status=status, answer=said[:200])
