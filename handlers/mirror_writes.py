"""Makes the calls of a round: tags off, which makes room, tags on, 50 people in a call, then remarks one by one.

It notes in the rounds what went through; rows are written elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from handlers.errors import GatewayError
from handlers.mirror_calls import TAG_GONE, Api, Fault, call_in_halves, stops_all
from handlers.mirror_round import Round, blame
from handlers.runtime import Runtime

CALL = 50
Stops = dict[Api, Fault]


def write(runtime: Runtime, rounds: Sequence[Round], order: Sequence[int], stops: Stops) -> set[int]:
    """Make the calls of a batch; `order` are the platform's tags, least important first (A8).

    What `stops` names is not called, and what the platform stops on the way is added to it. Returns tags that it says do
    not exist.
    """
    gateway, missing = runtime.gateway, set[int]()
    for tag_id in order:
        off = [each for each in rounds if tag_id in each.wanted.remove]
        if not _tag(runtime, off, partial(gateway.untag_people, tag_id), lambda each: each.removed, tag_id, stops):
            missing.add(tag_id)
    for tag_id in order:
        on = [each for each in rounds if tag_id in each.wanted.add]
        if not _tag(runtime, on, partial(gateway.tag_people, tag_id), lambda each: each.added, tag_id, stops):
            missing.add(tag_id)
    for each in rounds:
        if each.wanted.remark is not None:
            _remark(runtime, each, each.wanted.remark, stops)
    return missing


def _tag(
    runtime: Runtime,
    rounds: Sequence[Round],
    call: Callable[[Sequence[str]], None],
    find_done: Callable[[Round], set[int]],
    tag_id: int,
    stops: Stops,
) -> bool:
    """Put one tag on people or take it off them; False when the platform knows no such tag."""
    by_openid, is_there = {each.openid: each for each in rounds}, True
    for start in range(0, len(rounds), CALL):
        part = rounds[start : start + CALL]
        if Api.TAG in stops:
            for each in part:
                each.faults.append(stops[Api.TAG])
            continue
        for openids, error in call_in_halves([each.openid for each in part], call):
            them = [by_openid[openid] for openid in openids]
            if error is None:
                for each in them:
                    find_done(each).add(tag_id)
                continue
            is_there = is_there and error.code != TAG_GONE
            _stop(Api.TAG, blame(runtime, them, error), stops)
    return is_there


def _remark(runtime: Runtime, each: Round, remark: str, stops: Stops) -> None:
    if Api.REMARK in stops:
        each.faults.append(stops[Api.REMARK])
        return
    try:
        runtime.gateway.set_remark(each.openid, remark)
    except GatewayError as error:
        _stop(Api.REMARK, blame(runtime, [each], error), stops)
    else:
        each.is_remarked = True


def _stop(api: Api, fault: Fault, stops: Stops) -> None:
    if stops_all(fault):
        stops[api] = fault


def read(runtime: Runtime, rounds: Sequence[Round], stops: Stops) -> None:
    """Ask the platform about all of a batch at once, and note what it tells of each."""
    by_openid = {each.openid: each for each in rounds}

    def ask(openids: Sequence[str]) -> None:
        for told in runtime.gateway.read_followers(openids):
            if told.openid in by_openid:
                by_openid[told.openid].seen = told

    for openids, error in call_in_halves(list(by_openid), ask):
        them = [by_openid[openid] for openid in openids]
        if error is not None:
            _stop(Api.READ, blame(runtime, them, error), stops)
        elif silent := [each for each in them if each.seen is None]:
            blame(runtime, silent, GatewayError("garbage"))
