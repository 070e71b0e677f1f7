"""token, stable_token and the quota calls."""

from typing import Any

from sandbox import tokens
from sandbox.api.endpoint import Call, Endpoint
from sandbox.errors import ApiError
from sandbox.quotas import clear_counts, quota_state
from sandbox.world import World


def _check_account(world: World, fields: dict[str, Any], secret_name: str = "secret") -> None:  # noqa: S107 - a name
    if fields.get("grant_type", "client_credential") != "client_credential":
        raise ApiError(40002)
    if fields.get("appid") != world.config.app_id:
        raise ApiError(40013 if fields.get("appid") else 41002)
    if fields.get(secret_name) != world.config.app_secret:
        raise ApiError(40125 if fields.get(secret_name) else 41004)


def _token(world: World, call: Call) -> dict[str, Any]:
    _check_account(world, {"grant_type": "", **call.query})
    return tokens.issue(world, "token", tokens.overlap_seconds(world))


def _stable_token(world: World, call: Call) -> dict[str, Any]:
    _check_account(world, {"grant_type": "", **call.body})
    return tokens.stable(world, forced=call.body.get("force_refresh") is True)


def _clear_quota(world: World, call: Call) -> None:
    if call.body.get("appid") != world.config.app_id:
        raise ApiError(40013)
    clear_counts(world)


def _clear_quota_v2(world: World, call: Call) -> None:
    _check_account(world, call.body, "appsecret")
    clear_counts(world)


def _quota(world: World, call: Call) -> dict[str, Any]:
    path = call.text("cgi_path")
    from sandbox.api.gate import DAILY  # the table of all endpoints, complete only once every file is read

    if path not in DAILY:
        raise ApiError(40066)
    return {"errcode": 0, "errmsg": "ok", "quota": quota_state(world, path, DAILY[path])}


def _server_addresses(_world: World, _call: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1"]}


ENDPOINTS = {
    "token": Endpoint(_token, method="GET", needs_token=False, daily=2000),
    "stable_token": Endpoint(_stable_token, needs_token=False, daily=500_000),
    "clear_quota": Endpoint(_clear_quota),
    "clear_quota/v2": Endpoint(_clear_quota_v2, needs_token=False),
    "openapi/quota/get": Endpoint(_quota),
    "getcallbackip": Endpoint(_server_addresses, method="GET"),
    "get_api_domain_ip": Endpoint(_server_addresses, method="GET"),
}
