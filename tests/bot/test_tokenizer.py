"""The segmenter is private, quiet, quick to build and safe to share."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tokenizer import build_tokenizer

ROOT = Path(__file__).resolve().parents[2]


@cache
def build() -> Callable[[str], Sequence[str]]:
    return build_tokenizer(["漏水", "放行条", "便民小推车"])


def tokenize(text: str) -> Sequence[str]:
    return build()(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [("我家厨房漏水了", "漏水"), ("开个放行条", "放行条"), ("有便民小推车吗", "便民小推车"), ("物业费多少", "多少")],
)
def test_our_words_and_everyday_words_stay_whole(text: str, word: str) -> None:
    assert word in tokenize(text)


@given(st.text(max_size=80))
def test_the_words_joined_give_the_text_back(text: str) -> None:
    assert "".join(tokenize(text)) == text


def test_two_tokenizers_do_not_know_each_others_words() -> None:
    assert "甲乙丙词" in build_tokenizer(["甲乙丙词"])("甲乙丙词")
    assert "甲乙丙词" not in tokenize("甲乙丙词")


def test_many_threads_cut_alike() -> None:
    texts = ["我家厨房水管漏水了", "楼上晚上太吵了睡不着", "搬家具出门要放行条"] * 50
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tokenize, texts)) == [tokenize(text) for text in texts]


def test_a_fresh_process_is_silent_with_warnings_as_errors_and_leaves_no_cache_file(tmp_path: Path) -> None:
    code = (
        "import sys; from bot.tokenizer import build_tokenizer; build_tokenizer(['漏水'])('漏水');"
        "import jieba; assert not jieba.dt.initialized; assert 'pkg_resources' not in sys.modules"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path), "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not list(tmp_path.glob("*jieba*"))


def test_the_system_temporary_folder_gets_no_cache_from_us() -> None:
    before = set(Path(tempfile.gettempdir()).glob("jieba*"))
    build_tokenizer(["漏水"])("漏水")
    assert set(Path(tempfile.gettempdir()).glob("jieba*")) == before
