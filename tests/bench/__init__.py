"""Tests of the benchmarks: only that they measure what they say."""
