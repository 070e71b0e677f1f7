"""One file per answer type: what a person sent -> a value, or a coded reason why not. The list is in kinds.py."""
