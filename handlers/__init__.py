"""Use cases: one function is one transaction. They know what to do, never how to speak to the outside."""
