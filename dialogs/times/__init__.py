"""Dates and times in Chinese: find.py finds them, moment.py reads a whole answer, render.py writes them back."""
