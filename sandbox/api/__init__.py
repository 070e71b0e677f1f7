"""The server API under /cgi-bin: one file per subject, each with its table of endpoints. Nothing here draws a page."""
