"""Keeps access tokens out of logs: the HTTP libraries log whole addresses, and the platform wants the token in them."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"((?:access_token|secret|appsecret)=)[^&\s'\"]+")
_TALKERS = ("httpx", "httpcore.http11", "httpcore.connection", "httpcore.proxy", "urllib3.connectionpool")


class TokenFilter(logging.Filter):
    """Replaces the token in a record's finished text; never drops a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place and let it pass."""
        text = record.getMessage()
        if "access_token=" in text or "secret=" in text:
            record.msg, record.args = _SECRET.sub(r"\1***", text), ()
        return True


def hide_tokens_in_logs() -> None:
    """Put the filter on every HTTP library's logger, once; safe to call again."""
    for name in _TALKERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, TokenFilter) for each in logger.filters):
            logger.addFilter(TokenFilter())
    # One INFO line for each request is noise at the rate of a push; whoever wants them sets the level himself.
    talker = logging.getLogger("httpx")
    if talker.level == logging.NOTSET:
        talker.setLevel(logging.WARNING)
