from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.settings import CONFIG_PATH, PROJECT_ROOT, Settings, SettingsError, load_settings, parse_hours

SHARED = "a secret does not belong in a file that is shared"
KEY = "a" * 43
ACCOUNT = {
    "GUANJIA__WECHAT__ACCOUNT": "gh_1",
    "GUANJIA__WECHAT__APP_ID": "wx1",
    "GUANJIA__WECHAT__APP_SECRET": "secret",
    "GUANJIA__WECHAT__TOKEN": "token123",
}


def load(tmp_path: Path, text: str = "", **environ: str) -> Settings:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings({"GUANJIA__DATA_DIR": str(tmp_path / "data"), **environ}, path)


def problems_of(tmp_path: Path, text: str = "", **environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, text, **environ)
    return raised.value.problems


def test_without_anything_the_defaults_of_the_contract_hold(tmp_path):
    settings = load(tmp_path)
    assert settings.database.url == f"sqlite:///{tmp_path}/data/guanjia.db"
    assert settings.redis.url == ""
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8000)
    assert settings.wechat.mode == "sandbox"
    assert settings.wechat.api_base == "http://127.0.0.1:8000/sandbox"
    assert settings.wechat.window_messages == 5


def test_the_file_that_is_shipped_holds_the_defaults_and_every_key(tmp_path):
    shipped = load_settings({"GUANJIA__DATA_DIR": str(tmp_path / "data")}, CONFIG_PATH)
    assert shipped == load(tmp_path)
    lines = [line.strip().lstrip("# ") for line in CONFIG_PATH.read_text(encoding="utf-8").splitlines()]
    for part, values in Settings.model_fields.items():
        fields = getattr(values.annotation, "model_fields", {})
        for name in (part, *fields):
            assert any(line.startswith(f"{name}:") for line in lines), name


def test_the_environment_goes_before_the_file(tmp_path):
    settings = load(tmp_path, "web:\n  port: 9000\n  threads: 3\n", GUANJIA__WEB__PORT="9100")
    assert (settings.web.port, settings.web.threads) == (9100, 3)
    assert settings.wechat.api_base == "http://127.0.0.1:9100/sandbox"


def test_an_empty_variable_means_the_default(tmp_path):
    assert load(tmp_path, "web: {port: 9000}\n", GUANJIA__WEB__PORT="").web.port == 8000


def test_secrets_are_made_once_and_for_this_user_alone(tmp_path):
    first, second = load(tmp_path), load(tmp_path)
    assert first == second
    assert len(first.wechat.aes_key) == 43
    assert 3 <= len(first.wechat.token) <= 32
    assert (tmp_path / "data" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_of_the_environment_goes_before_the_generated_one(tmp_path):
    assert load(tmp_path, GUANJIA__WECHAT__TOKEN="mytoken").wechat.token == "mytoken"


def test_no_secret_is_shown(tmp_path):
    settings = load(tmp_path)
    kept = json.loads((tmp_path / "data" / "secrets.json").read_text())
    for name in ("app_secret", "token", "aes_key", "session_secret", "staff_password"):
        assert kept[name] not in repr(settings)


def test_a_folder_of_an_earlier_version_gets_a_sealing_key_and_a_given_key_is_followed_by_it(tmp_path):
    load(tmp_path)
    path = tmp_path / "data" / "secrets.json"
    kept = json.loads(path.read_text())
    del kept["seal_key"]
    path.write_text(json.dumps(kept))
    made = load(tmp_path).database.seal_key
    assert json.loads(path.read_text()) == {**kept, "seal_key": made}
    rows = load(tmp_path, GUANJIA__DATABASE__SEAL_KEY="k" * 40).database
    assert (rows.seal_key, rows.seal_key_previous) == ("k" * 40, made)
    assert made not in repr(rows)
    (short,) = problems_of(tmp_path, GUANJIA__DATABASE__SEAL_KEY="short")
    assert "at least 32 characters" in short


def test_a_damaged_file_of_secrets_is_one_clear_line(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secrets.json").write_text("{")
    (problem,) = problems_of(tmp_path)
    assert "secrets.json: is damaged" in problem


def test_all_problems_are_told_at_once_with_their_places(tmp_path):
    text = "web:\n  port: 99999\n  prot: 1\nnonsense: 1\nwechat:\n  token: abc\n"
    problems = problems_of(
        tmp_path, text, GUANJIA__WEB__PRT="1", GUANJIA__REDIS__URL="localhost", GUANJIA__WECHAT__AES_KEY="short"
    )
    assert problems == (
        "config.yaml:3: web.prot: unknown key",
        "config.yaml:4: nonsense: unknown key",
        f"config.yaml:6: wechat.token: {SHARED}; set GUANJIA__WECHAT__TOKEN instead",
        "GUANJIA__WEB__PRT: unknown setting",
        "GUANJIA__REDIS__URL: must be an address like redis://127.0.0.1:6379/0",
        "config.yaml:2: web.port: should be less than or equal to 65535",
        "GUANJIA__WECHAT__AES_KEY: must be 43 letters and digits",
    )


def test_a_password_in_an_address_of_the_file_is_refused(tmp_path):
    (problem,) = problems_of(tmp_path, "database:\n  url: postgresql+psycopg://a:b@db/x\n")
    assert "GUANJIA__DATABASE__URL" in problem


@pytest.mark.parametrize(
    "text", ["web: [", "- a\n", "a: b: c\n", "web: 3\n", "\x01"], ids=["open", "list", "colons", "scalar", "control"]
)
def test_a_file_that_is_no_settings_file_is_a_problem_and_no_crash(tmp_path, text):
    assert all(problem.startswith("config.yaml:1: ") for problem in problems_of(tmp_path, text))


@pytest.mark.parametrize(("mode", "missing"), [("plain", 4), ("compatible", 5), ("safe", 5)])
def test_a_real_account_needs_its_values(tmp_path, mode, missing):
    problems = problems_of(tmp_path, GUANJIA__WECHAT__MODE=mode)
    assert len(problems) == missing
    assert all("is missing" in problem for problem in problems)


def test_a_real_account_talks_to_the_platform(tmp_path):
    settings = load(tmp_path, GUANJIA__WECHAT__MODE="safe", GUANJIA__WECHAT__AES_KEY=KEY, **ACCOUNT)
    assert settings.wechat.api_base == "https://api.weixin.qq.com"
    assert settings.wire_mode == "safe"
    assert settings.wechat.templates == {}
    assert not settings.is_sandbox


def test_plain_mode_needs_no_key(tmp_path):
    assert load(tmp_path, GUANJIA__WECHAT__MODE="plain", **ACCOUNT).wechat.aes_key == ""


def test_template_names_are_free(tmp_path):
    settings = load(tmp_path, "wechat:\n  templates:\n    task: A\n", GUANJIA__WECHAT__TEMPLATES__BIRTHDAY="B")
    assert settings.wechat.templates == {"task": "A", "notice": "sandbox-notice", "birthday": "B"}


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    (problem,) = problems_of(tmp_path, GUANJIA__DATA_DIR=str(tmp_path / "file" / "data"))
    assert "cannot write to the data folder" in problem


def test_relative_paths_stand_in_the_project_wherever_we_are_called_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load(tmp_path, GUANJIA__DATABASE__URL="sqlite:///data/x.db")
    assert settings.database.url == f"sqlite:///{PROJECT_ROOT}/data/x.db"


def test_quiet_hours_are_two_times_or_nothing():
    assert [str(each) for each in parse_hours("22:00-08:00")] == ["22:00:00", "08:00:00"]
    assert parse_hours("") is None
    with pytest.raises(ValueError, match="22:00-08:00"):
        parse_hours("25:00-8")
