"""A pattern is refused when some message could keep it busy; the ones that pass are quick on the worst we can think of."""

from __future__ import annotations

import re
import time

import pytest

from dialogs.check_patterns import MAX_PATTERN, explain_pattern

SAFE = [
    r"\d{6}",
    r"[A-Z]{2}\d{4,8}",
    r"(\d{1,3}\.){3}\d{1,3}",
    r"\d+(-\d+)?",
    r"[A-Za-z0-9._-]+@[a-z0-9-]+(\.[a-z]{2})+",
    r"(?:SF|YT|ZT)?\d{10,15}",
    r"(?P<area>\d{3,4}-)?\d{7,8}",
    r"\w+\s*\w+",
    r"[\u4e00-\u9fff]{2,4}",
    r"(ab){50}",
    r"^1[3-9]\d{9}$",
    r"[]a]+",
]
UNSAFE = [
    r"(a+)+b",
    r"(a*)*",
    r"(a|a)*b",
    r"(a|ab)*c",
    r"(\d+,)*\d+",
    r"(ab?)*c",
    r"(a|b|)*",
    r"(a?){30}a{30}",
    r"(\d\d?){5}",
    r"(.*x){20}",
    r".*a.*b.*c",
    r"(\w+\s?)+$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
]


@pytest.mark.parametrize("pattern", UNSAFE)
def test_a_pattern_that_could_run_away_is_refused_with_a_reason(pattern: str) -> None:
    assert re.search("several ways|grows too fast", explain_pattern(pattern))


@pytest.mark.parametrize("pattern", [r"(?=x)y", r"(?<!a)b", r"(a)\1", r"(?i)a", r"(?P=x)"])
def test_what_looks_around_or_back_is_refused(pattern: str) -> None:
    assert re.search("is not used in patterns|cannot be read", explain_pattern(pattern))


@pytest.mark.parametrize("pattern", ["(x", "[a", "*", "a{9999999999999}", "x" * (MAX_PATTERN + 1), "^*"])
def test_a_pattern_that_cannot_be_read_or_is_too_long_is_refused(pattern: str) -> None:
    assert explain_pattern(pattern)


@pytest.mark.parametrize("pattern", SAFE)
def test_a_safe_pattern_is_quick_on_hostile_texts(pattern: str) -> None:
    assert explain_pattern(pattern) == ""
    compiled = re.compile(pattern)
    began = time.process_time()
    for unit in ("1", "a", "ab", "1-", "a.", "一", " ", "A1", "a@a"):
        compiled.fullmatch(unit * (500 // len(unit)) + "!")
    assert time.process_time() - began < 0.5
