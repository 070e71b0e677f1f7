"""The demo community: its registers, its past, and the seeded generator that made them."""
