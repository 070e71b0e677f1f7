"""The address of a push is read as the library reads it, whoever wrote it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.webhook import read_query

WORDS = st.text(max_size=12)


@given(st.text(alphabet="ab1=&%+2F;é 签", max_size=40))
def test_any_query_means_what_it_means_to_the_library(text):
    assert read_query(text) == dict(parse_qsl(text, keep_blank_values=True))


@given(st.dictionaries(WORDS, WORDS, max_size=5))
def test_what_was_written_by_the_rules_is_read_back(values):
    assert read_query(urlencode(values)) == values


@pytest.mark.parametrize("text", ["", "&", "a", "a=", "=b", "a=1&a=2", "a=b=c"])
def test_odd_ones_are_read_alike_too(text):
    assert read_query(text) == dict(parse_qsl(text, keep_blank_values=True))
