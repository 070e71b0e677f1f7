from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from bot import redis_server
from bot.redis_server import RedisError, ensure_redis, find_redis
from bot.settings import PROJECT_ROOT, Settings, load_settings


def settings_of(folder: Path, **environ: str) -> Settings:
    return load_settings({"GUANJIA__DATA_DIR": str(folder), **environ}, folder / "none.yaml")


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def put(url: str, key: str, value: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.set(key, value)


def get(url: str, key: str) -> bytes | None:
    with redis.Redis.from_url(url) as client:
        return client.get(key)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_named_redis_is_taken_as_it_is(tmp_path):
    server = ensure_redis(settings_of(tmp_path, GUANJIA__REDIS__URL="redis://elsewhere:6379/3"))
    server.stop()
    assert (server.url, server.process) == ("redis://elsewhere:6379/3", None)


def test_what_was_written_is_there_after_a_restart(tmp_path):
    settings = settings_of(tmp_path)
    server = ensure_redis(settings)
    put(server.url, "k", "v")
    server.stop()
    server.stop()
    assert find_redis(settings) is None
    again = ensure_redis(settings)
    assert get(again.url, "k") == b"v"
    again.stop()


def test_processes_of_one_folder_share_one_server(tmp_path, opened):
    settings = settings_of(tmp_path)
    first = ensure_redis(settings)
    opened.callback(first.stop)
    second = ensure_redis(settings)
    second.stop()
    assert (second.url, second.process) == (first.url, None)
    assert find_redis(settings) == first.url


def test_a_long_data_folder_gets_a_short_socket(tmp_path, opened):
    settings = settings_of(tmp_path / ("很长的名字" * 8) / "data with a blank")
    server = ensure_redis(settings)
    opened.callback(server.stop)
    assert find_redis(settings) == server.url
    assert len(server.url) < 110


def test_a_server_killed_hard_leaves_nothing_in_the_way(tmp_path, opened):
    settings = settings_of(tmp_path)
    server = ensure_redis(settings)
    server.process.kill()
    server.process.wait()
    again = ensure_redis(settings)
    opened.callback(again.stop)
    assert again.process is not None


def test_an_unreadable_file_is_put_aside(tmp_path, opened):
    settings = settings_of(tmp_path)
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonly.aof").write_text("nonsense\r\n" * 5)
    server = ensure_redis(settings)
    opened.callback(server.stop)
    assert [path.name for path in (tmp_path / "redis").glob("unreadable-*/*")] == ["appendonly.aof"]


def test_without_any_server_one_line_says_how_to_install_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server, "find_spec", lambda name: None)
    with pytest.raises(RedisError, match="install one"):
        ensure_redis(settings_of(tmp_path))


def test_a_server_on_the_path_goes_before_the_bundled_one(tmp_path, monkeypatch):
    program = tmp_path / "valkey-server"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find_program() == str(program)


def test_a_server_that_does_not_start_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setattr(redis_server, "find_program", lambda: "/bin/false")
    with pytest.raises(RedisError, match="did not start"):
        ensure_redis(settings_of(tmp_path))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children with their parent")
def test_the_server_ends_when_its_parent_is_killed(tmp_path):
    code = f"""
        import sys, time
        from pathlib import Path
        from bot.redis_server import ensure_redis
        from bot.settings import load_settings
        server = ensure_redis(load_settings({{"GUANJIA__DATA_DIR": {str(tmp_path)!r}}}, Path("none.yaml")))
        print(server.process.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT_ROOT) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    wait_for(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
