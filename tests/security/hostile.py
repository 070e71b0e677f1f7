"""Texts that want to be more than text, and what must never come of them."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import count
from xml.etree import ElementTree

from werkzeug.test import TestResponse

from tests.security.pages import Page

LINK = '<a href="weixin://bizmsgmenu?msgmenucontent=x7&msgmenuid=1">x7</a>'
BREAKER = "\"'><x7 onx7=1>"
NASTY = f"{BREAKER}{{{{1337*7}}}}{{%x7%}}${{x7}}]]>\\' OR 1=1;--%_\u202e\u2028\x0b\x1b\r\n😀{LINK}<script>x7</script>"
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_turn = count()
# what is written into a form's field instead of what belongs there
FIELDS = (
    NASTY,
    "{{1337*7}}${1337*7}",
    "%_\\",
    "javascript:x7",
    "\x00\ufffe\u202e",
    "１" * 30,
    "²٣",
    "9" * 400,
    "-1",
    "1e999",
    "../../../etc/passwd",
    "(" * 3000 + "有犬" + ")" * 3000,
    "非" * 3000 + "养犬",
    "养犬且" * 2000,
    '"' * 999,
    "a" * 30_000 + "!",
    "\r\nX-X7: 1",
    "=1+1",
)
EVERYWHERE = (NASTY, "\x00\ufffe\u202e", "9" * 400)
AUDIENCES = (
    *FIELDS,
    '标签("pet.kind","' + "'; DROP TABLE owner; --" + '")',
    '标签("pet.kind","%")',
    "楼栋=' OR '1'='1",
    "楼栋=1栋 或 1=1",
    "养犬" + " " * 3900 + "x",
    "((((((((((((((((((((养犬))))))))))))))))))))",
    "有孩子 且 非 (" * 200,
    "2026-01-31 " * 300,
    "\\" * 3999,
    "x<" * 1500,
)


def write_hostile(place: str) -> str:
    """Return the text of a column: hostile from its first character, a spreadsheet's formula in turn."""
    column = place.partition(".")[2]
    known = {"phone": "13800001111", "path": "media/1.png", "job.by": "console:supervisor.0", "token": "job1"}
    return known.get(place) or known.get(column) or f"{FORMULAS[next(_turn) % len(FORMULAS)]}{NASTY}"


def find_faults(answer: TestResponse) -> list[str]:
    """Return what is wrong with an answer of the console: it broke, or something in it runs."""
    faults = [] if answer.status_code < 500 else [f"status {answer.status_code}"]
    if "Content-Security-Policy" not in answer.headers or "unsafe" in answer.headers["Content-Security-Policy"]:
        faults.append("no policy")
    if any(name.lower().startswith("x-x7") for name, _ in answer.headers) or "\n" in answer.headers.get("Location", ""):
        faults.append("a header of somebody else's")
    reader = READERS.get(answer.mimetype)
    return faults + (reader(answer.text) if reader else [])


def find_html_faults(text: str) -> list[str]:
    """Return what in a page is more than text: tags, attributes, scripts, addresses that are not ours."""
    page, faults = Page(text), []
    for tag, given in page.tags:
        if tag == "x7" or any(name.startswith("on") or name == "style" for name in given):
            faults.append(f"<{tag} {sorted(given)}>")
        if tag in ("script", "iframe", "object", "embed", "base", "template") and not given.get("src", "").startswith("/"):
            faults.append(f"<{tag}>")
    faults += [f"address {link[:60]}" for link in page.links if not OURS.match(link)]
    return faults + (["a template ran"] if "9359" in text else [])


OURS = re.compile(r"(?:/(?!/)|\?|#|data:image/|$)")


def find_csv_faults(text: str) -> list[str]:
    """Return the cells that a spreadsheet would run."""
    cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]
    return [f"cell {cell[:20]!r}" for cell in cells if cell.lstrip().startswith(FORMULAS) or cell.startswith(FORMULAS)]


def find_xml_faults(text: str) -> list[str]:
    """Return what in a drawing runs, or that it is no XML at all."""
    try:
        found = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        return [f"no XML: {error}"]
    tags = {each.tag.rpartition("}")[2] for each in found.iter()}
    return [f"<{tag}>" for tag in tags & {"x7", "script", "foreignObject", "iframe"}]


def find_lines_faults(text: str) -> list[str]:
    """Return the lines that are no JSON."""
    faults = []
    for line in text.splitlines():
        try:
            json.loads(line)
        except ValueError:
            faults.append(f"line {line[:40]!r}")
    return faults


READERS = {
    "text/html": find_html_faults,
    "text/csv": find_csv_faults,
    "image/svg+xml": find_xml_faults,
    "application/x-ndjson": find_lines_faults,
    "application/jsonl": find_lines_faults,
}
