"""Tables and their queries, one file per aggregate. Nothing here decides; handlers do."""
