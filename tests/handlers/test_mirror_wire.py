"""Tags, remarks and followers over the sandbox's real protocol: our gateway speaks, the sandbox keeps the platform's limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from bot.wechat.account import Account
from bot.wechat.api import WeChatGateway
from bot.wechat.tokens import TokenService
from handlers import menus, mirror, mirror_changes, mirror_followers
from handlers.content import AccountMenu
from handlers.mirror_changes import Decision
from handlers.mirror_rules import MirrorBook, MirroredTag
from handlers.mirror_tags import StandingTags
from handlers.tag_writes import TagOrigin, write_tag
from models.followers import Follower
from models.listings import Cursor, Scope
from models.mirror import MirrorState
from models.mirror_views import Difference, list_differences
from sandbox.app import create_sandbox
from sandbox.people import add_person
from tests.quiet_sandbox import make_quiet_config
from tests.world import World

BOOK = MirrorBook((MirroredTag("pet.kind", "犬", "养犬"), MirroredTag("car.count", "1", "有车")), is_remarking=True)


@pytest.fixture
def sandbox(tmp_path: Path) -> FlaskClient:
    """Give a client of a sandbox with seven followers, whose courier does not run."""
    app = create_sandbox(make_quiet_config(tmp_path))
    for name in ("Ann", "Bob", "Cat", "Dan", "Eva", "Fay", "Gus"):
        add_person(app.extensions["world"].store, f"o{name}", name, "业主", "甲园", following=1, subscribed_at=1_790_000_000)
    return app.test_client()


@pytest.fixture
def estate(world: World, sandbox: FlaskClient) -> Iterator[World]:
    """Give a world whose gateway is the real one, with the sandbox at the other end of the wire."""
    with httpx.Client(transport=httpx.WSGITransport(app=sandbox.application), base_url="http://sandbox") as http:
        account = Account("gh_test", "wxtest", "secret", "AAAAA", "", "", "sandbox", "http://sandbox")
        gateway = WeChatGateway(account, TokenService(None, account, http), http)
        content = replace(
            world.runtime.content,
            mirror=BOOK,
            account_menus=(AccountMenu("pet.kind", "犬", ({"type": "click", "name": "狗", "key": "DOG"},)),),
        )
        tags = StandingTags(world.runtime.database)
        world.runtime = replace(world.runtime, gateway=gateway, content=content, account_tags=tags)
        yield world


def ask(sandbox: FlaskClient, name: str, body: Any = None, **query: str) -> dict[str, Any]:
    """Make a call as somebody else who holds the account."""
    given = {"grant_type": "client_credential", "appid": "wxtest", "secret": "secret"}
    token = sandbox.post("/cgi-bin/stable_token", json=given).get_json()["access_token"]
    path, query = f"/cgi-bin/{name}", {"access_token": token, **query}
    answer = sandbox.get(path, query_string=query) if body is None else sandbox.post(path, json=body, query_string=query)
    return dict(answer.get_json())


def look(sandbox: FlaskClient, openid: str) -> tuple[list[str], str]:
    names = {each["id"]: each["name"] for each in ask(sandbox, "tags/get")["tags"]}
    told = ask(sandbox, "user/info", openid=openid)
    return [names[tag] for tag in told["tagid_list"]], told["remark"]


def turn(sandbox: FlaskClient, **knobs: Any) -> None:
    assert sandbox.post("/api/knobs", json=knobs).status_code == 200


def work(world: World, after: timedelta = timedelta()) -> None:
    world.clock.advance(after)
    for _ in range(20):
        if not mirror.work(world.runtime):
            return


def waiting(world: World) -> list[Difference]:
    with world.runtime.database.reading() as tx:
        return list(list_differences(tx.session, Scope(), Cursor()).rows)


def test_register_and_account_agree_in_the_end_whatever_the_wire_does(estate: World, sandbox: FlaskClient) -> None:
    owners = {name: estate.owner(name, openid=f"o{name}", tags={"pet.kind": "犬"}) for name in ("Ann", "Bob", "Cat")}
    estate.owner("Zoe", openid="oNOBODY", tags={"pet.kind": "犬"})  # an import made a mistake
    ask(sandbox, "user/info/updateremark", {"openid": "oBob", "remark": "大嗓门"})
    turn(sandbox, quota={"path": "/cgi-bin/user/info/updateremark", "daily_limit": 2})
    fault = {"path": "/cgi-bin/tags/members/batchtagging", "http_status": 502, "after": True}
    turn(
        sandbox,
        fail=[
            fault,
            {"path": "/cgi-bin/user/get", "errcode": -1},
            {"path": "/cgi-bin/tags/create", "body": "<html>", "after": True},
        ],
    )
    mirror_followers.begin(estate.runtime)
    for _ in range(3):
        work(estate, timedelta(minutes=5))
    assert look(sandbox, "oAnn") == (["养犬"], "1栋-2单元-301-Ann")
    assert (look(sandbox, "oBob"), look(sandbox, "oCat")) == (
        (["养犬"], "大嗓门"),
        (["养犬"], ""),
    )  # asked; and the quota waits
    sandbox.post("/api/knobs", json={"advance_seconds": 86_400})
    work(estate, timedelta(hours=2))
    assert look(sandbox, "oCat") == (["养犬"], "1栋-2单元-301-Cat")
    (bob,) = waiting(estate)
    assert (bob.name, bob.change.what, bob.change.theirs) == ("Bob", "remark", "大嗓门")
    mirror_changes.decide(estate.runtime, bob.id, Decision.RESTORE, "console:admin")
    work(estate)
    assert look(sandbox, "oBob") == (["养犬"], "1栋-2单元-301-Bob")
    with estate.runtime.transaction() as tx:
        write_tag(estate.runtime, tx, owners["Ann"], "car.count", "1", TagOrigin("console", "staff:1"))
        assert tx.session.get_one(MirrorState, "oNOBODY").reason == "bad_openid"
        gus = tx.session.get_one(Follower, "oGus")
        assert (gus.owner_id, gus.is_following, gus.followed_at is None) == (None, True, False)
    sandbox.post("/api/send", json={"openid": "oCat", "kind": "unfollow"})
    work(estate)
    work(estate, timedelta(minutes=2))
    assert look(sandbox, "oAnn")[0] == ["养犬", "有车"]
    mirror_followers.begin(estate.runtime)
    work(estate)
    with estate.runtime.database.reading() as tx:
        assert tx.session.get_one(Follower, "oCat").is_following is False
    assert waiting(estate) == []
    published = menus.publish(estate.runtime, estate.runtime.account_tags)
    assert ([each["for"] for each in published["conditional"]], published["left_out"]) == (["pet.kind=犬"], [])
