"""Turns replies into the text a phone shows: numbered, tappable options, pages that fit the platform's limit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dialogs.outcome import Reply
from dialogs.templates import Link

LIMIT_BYTES = 2048  # of a text, passive or not (facts A6)
_SPECIAL = frozenset("&<>\"'")
NOTE_BYTES = 60  # room for the line that says how to read on


def render_reply(reply: Reply, mark: str) -> str:
    """Return the text of a reply; each option is a link that sends its label, marked with the prompt it belongs to.

    A single option needs no number.
    """
    lines = [reply.text] if reply.text else []
    links = [(each.number, render_link(each.label, f"{mark}.{each.key}")) for each in reply.options]
    lines += [links[0][1]] if len(links) == 1 else [f"{number}. {link}" for number, link in links]
    return "\n".join(lines)


def render_link(label: str, message_id: str) -> Link:
    """Return a link that, tapped, sends `label` as a message with `bizmsgmenuid=message_id`."""
    said, read, mark = label, label, message_id
    if not _SPECIAL.isdisjoint(label + message_id):
        said, read, mark = escape(label.replace("&", "＆")), escape(label, quote=False), escape(message_id)
    return Link(f'<a href="weixin://bizmsgmenu?msgmenucontent={said}&msgmenuid={mark}">{read}</a>')


def split_text(text: str, limit: int = LIMIT_BYTES) -> tuple[str, str]:
    """Return (what fits, the rest): cut at a line where there is one, never inside a character or a link."""
    if len(text.encode()) <= limit:
        return text, ""
    room = limit - NOTE_BYTES
    head = text.encode()[:room].decode(errors="ignore")
    cut = head.rfind("\n")
    if cut <= 0:
        cut = _before_link(head)
    return text[:cut].rstrip("\n"), text[cut:].lstrip("\n")


def _before_link(head: str) -> int:
    opened, closed = head.rfind("<a "), head.rfind("</a>")
    return opened if opened > closed and opened > 0 else len(head)


def join_replies(replies: Sequence[str]) -> str:
    """Return several replies as one text, a blank line between them."""
    return "\n\n".join(reply for reply in replies if reply)
