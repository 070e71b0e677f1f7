"""The pure core of conversations: no clock, no randomness, no files, no database."""
