"""Benchmarks: each prints its own table. They start servers of their own, and must never touch data that somebody uses."""
