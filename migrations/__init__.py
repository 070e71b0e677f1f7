"""The history of the schema: Alembic revisions, and the one way to run them."""
