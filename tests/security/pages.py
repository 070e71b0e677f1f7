"""Reads an HTML page as a browser would: its forms with what they hold, and every tag and attribute that came to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str]


@dataclass
class Form:
    """A form: where it goes, how, and what it sends when nothing is changed; `files` are fields that take one."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """A page that was read: `tags` are (name, attributes), `text` what stands between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, Attributes]] = []
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._read_field(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def _read_field(self, form: Form, tag: str, given: Attributes) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if given.get("value") and (not form.fields.get(self._select) or "selected" in given):
                form.fields[self._select] = given["value"]
        elif tag in ("input", "textarea", "button") and name:
            if kind == "file":
                form.files.append(name)
            elif kind not in ("radio", "checkbox") or "checked" in given or name not in form.fields:
                form.fields[name] = given.get("value", "")
        if tag == "select" and name:
            form.fields.setdefault(name, "")

    @property
    def links(self) -> list[str]:
        """Return every address the page leads to or loads."""
        names = ("href", "src", "action", "formaction", "srcset", "data", "poster", "content")
        return [
            given[name] for tag, given in self.tags for name in names if name in given and (tag, name) != ("meta", "content")
        ]
