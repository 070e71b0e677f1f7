"""Tests of the local WeChat."""
