"""The webhook's XML in one place: reading pushes (fields, messages) and writing replies. It holds no logic."""

from bot.wechat.fields import MAX_BYTES, BadMessageError, read_encrypted, read_fields
from bot.wechat.messages import parse_message
from bot.wechat.replies import clean_text, escape_link_text, render_image, render_news, render_text, render_transfer

__all__ = [
    "MAX_BYTES",
    "BadMessageError",
    "clean_text",
    "escape_link_text",
    "parse_message",
    "read_encrypted",
    "read_fields",
    "render_image",
    "render_news",
    "render_text",
    "render_transfer",
]
