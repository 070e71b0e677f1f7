"""A web process that is asked to stop leaves no line of its log behind."""

from __future__ import annotations

import os
import signal

from tests.faults.processes import wait_for
from tests.faults.site import Site


def test_what_was_logged_last_is_written_when_the_web_is_stopped(site: Site) -> None:
    openid, door = site.owner("oLAST"), site.door
    role = site.roles[door.base]
    before = role.log.read_text().count("turn key=")
    said = [door.say(openid, text).text for text in ("菜单", "进度")]
    os.kill(role.pid, signal.SIGTERM)
    wait_for(lambda: not role.is_alive(), what="the end of the web process")
    assert all(said)
    assert role.log.read_text().count("turn key=") == before + len(said)
    site.start_web(door)
    site.wait_ready()
