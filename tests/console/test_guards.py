"""What keeps the house: every page has a permission, nothing runs inline, the rest of the app is left alone."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from console import app as console_app
from console.permissions import Permission, find_permission
from tests.console.estate import add_campaign, add_complaint, add_order, add_picture, write_file

PAGES = (
    "/console/",
    "/console/orders",
    "/console/orders/D2611210001",
    "/console/complaints",
    "/console/complaints/T2611210001",
    "/console/tasks",
    "/console/campaigns",
    "/console/campaigns/1",
    "/console/owners",
    "/console/owners?audience=%E5%85%BB%E7%8A%AC",
    "/console/owners/1",
    "/console/imports",
    "/console/transfers/owners",
    "/console/surveys",
    "/console/surveys/coverage",
    "/console/account-tags",
    "/console/audit",
    "/console/account",
    "/console/account/password",
    "/console/account/second-factor",
    "/console/accounts",
    "/console/content",
    "/console/content/scripts/survey.owner",
    "/console/content/scripts/survey.owner/try",
    "/console/content/tags",
    "/console/content/menus?owner=1",
    "/console/doubles",
    "/console/phones",
    "/console/staff-codes",
)


@pytest.fixture
def filled(estate):
    order = add_order(estate)
    add_complaint(estate)
    add_campaign(estate, [(estate.owner("张秀英"), "planned", None)])
    write_file(estate, "media/aa/x.png")
    add_picture(estate, path="media/aa/x.png", order_id=order.id)
    return estate


def list_endpoints(app: Flask) -> list[str]:
    return [rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]


def test_every_page_of_the_console_has_a_permission(app):
    endpoints = list_endpoints(app)
    assert len(endpoints) > 10
    assert [each for each in endpoints if find_permission(app, each) is None] == []


def test_only_the_door_and_the_style_sheet_are_public(app):
    public = {each for each in list_endpoints(app) if find_permission(app, each) is Permission.PUBLIC}
    assert public == {"console.sign_in.sign_in", "console.sign_in.show_code", "console.static"}


def test_a_page_without_a_permission_is_closed_to_everybody(staff, app, monkeypatch):
    monkeypatch.delattr(app.view_functions["console.tasks.show_list"], "console_permission")
    assert staff.get("/console/tasks").status_code == 403


def test_a_stranger_sees_no_page(visitor, filled):
    for page in (*PAGES, "/console/pictures/1", "/console/no-such-page"):
        answer = visitor.get(page)
        assert answer.status_code == 302
        assert answer.location.startswith("/console/sign-in")


def test_a_permission_that_is_missing_closes_its_page_and_its_link(staff, app, monkeypatch):
    monkeypatch.setattr("console.access.Account.may", lambda self, wanted: wanted is not Permission.SEE_AUDIT)
    assert staff.get("/console/audit").status_code == 403
    assert "/console/audit" not in staff.read("/console/")


def test_a_page_runs_nothing_inline_and_loads_nothing_from_elsewhere(staff, filled):
    for page in set(PAGES) - {"/console/account/password"}:  # the settings' login has no password of ours
        answer = staff.get(page)
        assert answer.status_code == 200, page
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", answer.text), page
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", answer.text), page


def test_every_file_a_page_names_is_there(visitor):
    page = visitor.read("/console/sign-in")
    names = re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page)
    assert any("bootstrap" in name for name in names)
    for name in names:
        answer = visitor.client.get(name, follow_redirects=True)
        assert answer.status_code == 200, name
        answer.close()


def test_other_pages_of_the_app_are_left_as_they_are(estate, console_access):
    app = Flask("other", static_folder=None)
    app.config["SECRET_KEY"] = "x" * 20
    app.add_url_rule("/wechat", "webhook", lambda: "success", methods=["POST"])
    console_app.register(app, estate.runtime, console_access)
    answer = app.test_client().post("/wechat", data=b"<xml/>")
    assert (answer.status_code, answer.text) == (200, "success")
    assert "Content-Security-Policy" not in answer.headers
    assert "Set-Cookie" not in answer.headers
