"""The one door of /cgi-bin: arranged faults, method, token, quota, JSON; then the endpoint; then the log.

It knows no single API; those are in the tables of the files beside it.
"""

import json
import time
from typing import Any

from flask import Blueprint, Response, current_app, request

from sandbox.api import customer, masses, media, menus, notices, qrcodes, tags, token_api, users
from sandbox.api.endpoint import Answer, Call, Endpoint
from sandbox.calls import log_call
from sandbox.errors import ApiError, refusal
from sandbox.faults import take_fault
from sandbox.quotas import count_call
from sandbox.tokens import check_token
from sandbox.world import World

ENDPOINTS: dict[str, Endpoint] = {
    **token_api.ENDPOINTS,
    **customer.ENDPOINTS,
    **notices.ENDPOINTS,
    **menus.ENDPOINTS,
    **qrcodes.ENDPOINTS,
    **tags.ENDPOINTS,
    **users.ENDPOINTS,
    **media.ENDPOINTS,
    **masses.ENDPOINTS,
}
DAILY = {f"/cgi-bin/{name}": endpoint.daily for name, endpoint in ENDPOINTS.items()}

blueprint = Blueprint("server_api", __name__, url_prefix="/cgi-bin")


@blueprint.route("/<path:name>", methods=["GET", "POST"])
def serve(name: str) -> Response:
    """Answer one server-API call, HTTP 200 whatever the errcode, as the platform does."""
    world: World = current_app.extensions["world"]
    began = time.monotonic()
    sent = _as_sent()
    fault = take_fault(world, f"/cgi-bin/{name}")
    response = _answer(world, name, fault)
    if fault and fault.get("delay_seconds"):
        time.sleep(float(fault["delay_seconds"]))
    _log(world, name, sent, response, (time.monotonic() - began) * 1000)
    return response


def _answer(world: World, name: str, fault: dict[str, Any] | None) -> Response:
    fails = fault is not None and any(key in fault for key in ("errcode", "http_status", "body"))
    if fault is not None and fails and not fault.get("after"):
        return _fail(fault)
    try:
        answer = _run(world, name)
    except ApiError as error:
        answer = refusal(error.errcode, error.detail, **error.more)
    if fault is not None and fails:
        return _fail(fault)
    return answer if isinstance(answer, Response) else _as_json(answer)


def _fail(fault: dict[str, Any]) -> Response:
    status = int(fault.get("http_status", 200))
    if "errcode" in fault:
        return _as_json(refusal(int(fault["errcode"])), status)
    return Response(str(fault.get("body", "<html>Bad Gateway</html>")), status=status, mimetype="text/html")


def _as_json(answer: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), status=status, mimetype="application/json")


def _run(world: World, name: str) -> Answer:
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        raise ApiError(40066)
    if endpoint.method not in {request.method, "ANY"}:
        raise ApiError(43001 if endpoint.method == "GET" else 43002)
    if endpoint.needs_token:
        check_token(world, request.args.get("access_token"))
    count_call(world, f"/cgi-bin/{name}", endpoint.daily)
    return endpoint.run(world, _read_call(endpoint)) or {"errcode": 0, "errmsg": "ok"}


def _read_call(endpoint: Endpoint) -> Call:
    query = request.args.to_dict()
    if endpoint.takes == "file":
        return Call(query, {}, request.files.get("media"), request.url_root)
    if request.method == "GET":
        return Call(query, {}, None, request.url_root)
    return Call(query, _read_json(request.get_data()), None, request.url_root)


def _read_json(raw: bytes) -> dict[str, Any]:
    if not raw:
        raise ApiError(44002)
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ApiError(47001) from error
    if not isinstance(body, dict):
        raise ApiError(47001)
    return body


def _as_sent() -> str:
    if request.files:
        return f"({', '.join(str(file.filename) for file in request.files.values())})"
    return request.get_data(as_text=True)


def _log(world: World, name: str, sent: str, response: Response, ms: float) -> None:
    shown = response.get_data(as_text=True) if "image" not in (response.mimetype or "") else f"({response.mimetype})"
    body = response.get_json(silent=True) if response.is_json else None
    body = body if isinstance(body, dict) else {}
    arguments = "&".join(f"{key}={_masked(key, value)}" for key, value in request.args.items())
    log_call(
        world,
        "api",
        method=request.method,
        path=f"/cgi-bin/{name}" + (f"?{arguments}" if arguments else ""),
        openid=_receiver(sent),
        status=response.status_code,
        errcode=body.get("errcode"),
        ms=ms,
        sent=_without_secret(sent),
        answer=_shortened(shown),
    )


def _masked(key: str, value: str) -> str:
    return f"{value[:6]}…" if key in {"access_token", "secret"} and len(value) > 6 else value


def _without_secret(sent: str) -> str:
    return sent if '"secret"' not in sent else "{…}"


def _shortened(shown: str) -> str:
    return shown if '"access_token"' not in shown else '{"access_token": "…"}'


def _receiver(sent: str) -> str:
    try:
        body = json.loads(sent or "{}")
    except ValueError:
        return ""
    receiver = (body.get("touser") or body.get("openid") or "") if isinstance(body, dict) else ""
    return receiver if isinstance(receiver, str) else ""
