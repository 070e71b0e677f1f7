"""Tests of the platform side of the edge."""
