"""What somebody wrote stays text wherever it is shown again: pages, exports, replies, copies, forms."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import cycle
from xml.etree import ElementTree

import pytest
from flask import Flask

from bot.commands.opening import print_json
from bot.files import FileLinks
from bot.wechat.replies import render_text
from handlers import personal_export, pushes
from handlers.exports import READERS, export
from models.audience.errors import AudienceError
from models.followers import Follower
from models.owners import Owner
from models.rights import PersonalExport
from tests.console.estate import write_file
from tests.security.conftest import enter, forms_of, send
from tests.security.forms import find_forms
from tests.security.hostile import (
    AUDIENCES,
    EVERYWHERE,
    FIELDS,
    LINK,
    NASTY,
    find_faults,
    find_html_faults,
    find_lines_faults,
    write_hostile,
)
from tests.security.seeds import LATER, openid_of, plant, staff_openid_of
from tests.security.walk import ENDS_THE_WALK, fill, list_changing, list_routes, names_of
from tests.world import World


@pytest.fixture
def hostile(estate: World) -> World:
    """Give an estate where every text of every table wants to be more than text."""
    plant(estate, 1, write_hostile, is_shared=True)
    for name in ("media/1.png", "jobs/job1/result.csv", "jobs/job1-also/result.csv"):
        write_file(estate, name, NASTY.encode())
    return estate


def words(part: str) -> list[str]:
    """Return a word for a part of an address, known or not."""
    known = {"survey": "survey.needs", "script": "complaint", "filename": "console.css"}
    return [known.get(part, "D9"), NASTY.replace("\r\n", "")]


def test_no_page_and_no_export_of_the_console_runs_what_somebody_wrote(app: Flask, hostile: World) -> None:
    visitor, faults, shown = enter(app, hostile, "supervisor", house=None), {}, 0
    forms = find_forms(visitor, app, words)
    for rule, method in list_routes(app, start="/console"):
        if method != "GET" or rule.endpoint == "console.static":
            continue
        for path in fill(rule, (1, 1 + LATER), words):
            answer = visitor.get(path)
            shown += b"x7" in answer.data
            if found := find_faults(answer):
                faults[path] = found
    token, kinds = visitor.token("/console/account"), set()
    for rule, method in list_changing(app):
        fields = forms.get(rule.endpoint, {})
        if rule.endpoint not in ENDS_THE_WALK:
            answer = send(visitor, method, next(fill(rule, (1,), words)), token, **fields)
            kinds.add(answer.mimetype)
            if found := find_faults(answer):
                faults[rule.rule] = found
    assert "text/csv" in kinds
    assert faults == {}
    assert shown > 12


def test_no_field_of_any_form_breaks_a_page_or_comes_back_as_more_than_text(app: Flask, houses: World) -> None:
    visitor, faults = enter(app, houses, "supervisor", house=None), []
    token, turns = visitor.token("/console/account"), cycle(FIELDS)
    forms = forms_of(app, houses, words)
    for rule, method in list_routes(app, start="/console"):
        if rule.endpoint == "console.static" or rule.endpoint in ENDS_THE_WALK:
            continue
        path = next(fill(rule, (1,), words))
        if method == "GET":
            visitor.get(path)
        own = forms.get(rule.endpoint, {}) if method != "GET" else {}
        names = sorted({*own, *names_of(rule.endpoint)} - {"csrf_token"})
        if method == "GET":
            tries = [{name: NASTY} for name in names] + [{name: next(turns) for name in names}]
        else:
            tries = [{**own, name: value} for name in names for value in (NASTY, next(turns))]
            tries += [dict.fromkeys(names, value) for value in EVERYWHERE] if names else []
        for fields in tries:
            if method == "GET":
                answer = visitor.client.get(path, query_string=fields, buffered=True)
            else:
                answer = send(visitor, method, path, token, **fields)
            if found := find_faults(answer):
                faults.append((rule.rule, method, {name: value[:30] for name, value in fields.items()}, found))
    assert faults == []


def test_an_audience_is_never_sql_and_never_breaks(houses: World) -> None:
    everybody = houses.count(Owner)
    for expression in AUDIENCES:
        try:
            found = pushes.count(houses.runtime, expression)
        except AudienceError:
            continue
        assert found < everybody or found == 0, expression[:60]
    assert houses.count(Owner) == everybody


@pytest.mark.parametrize("kind", READERS)
def test_an_exported_row_is_one_line_and_a_masked_one_shows_no_number(
    hostile: World, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for row in export(hostile.runtime, kind):
        print_json(row)
    printed = capsys.readouterr().out
    assert find_lines_faults(printed) == []
    assert "13800001111" not in printed
    assert kind in ("payments", "suppliers") or "x7" in printed


def follow(world: World, openid: str) -> None:
    with world.runtime.transaction() as tx:
        if tx.session.get(Follower, openid) is None:
            tx.session.add(Follower(openid=openid, is_following=True, message_sent=0, click_sent=0))


def test_no_reply_in_the_chat_carries_a_link_or_breaks_its_envelope(hostile: World) -> None:
    scripts = hostile.runtime.content.scripts.values()
    commands = sorted({words[0] for each in scripts for words in (each.triggers.commands, each.triggers.words) if words})
    assert len(commands) > 30
    shown = 0
    for openid in (openid_of(1), staff_openid_of(1)):
        follow(hostile, openid)
        for said in [*commands, NASTY, f"厨房漏水{LINK}", "确认"]:
            reply = hostile.say(openid, said)
            hostile.say(openid, "取消")
            assert_is_text(hostile, openid, reply)
            shown += "x7" in reply
    for openid, message in hostile.sender.sent:
        assert_is_text(hostile, openid, getattr(message, "text", ""))
    assert shown > 3


def assert_is_text(world: World, openid: str, reply: str) -> None:
    xml = render_text(openid, "gh_test", reply, world.clock.now())
    assert ElementTree.fromstring(xml).findtext("Content") is not None
    assert len(reply.encode()) <= 2048
    for foreign in (LINK, LINK[:-4], '<a href="weixin://bizmsgmenu?msgmenucontent=x7'):
        assert foreign not in reply, reply


def test_the_copy_of_ones_data_is_text(hostile: World) -> None:
    with hostile.runtime.transaction() as tx:
        row = tx.session.get(PersonalExport, 1)
        row.status, row.name = "planned", None
    links = FileLinks("https://estate.test", "s" * 32)
    assert personal_export.build_due(replace(hostile.runtime, links=links))
    pages = {path.suffix: path.read_text(encoding="utf-8") for path in personal_export.find_folder(hostile.runtime).iterdir()}
    assert "x7" in pages[".html"]
    faults = [each for each in find_html_faults(pages[".html"]) if each != "<style>"]
    assert faults == []
    assert json.loads(pages[".json"])["data"]
