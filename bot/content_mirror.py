"""Reads content/account_tags.yaml: which tags stand on the Official Account, and that its conditional menus are for such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.content import Content
from handlers.mirror_rules import MirrorBook, MirrorError, parse_mirror
from models.vocabulary import Vocabulary

if TYPE_CHECKING:
    from bot.content import Library

FILE = "account_tags.yaml"


def read_mirror(library: Library, vocabulary: Vocabulary) -> MirrorBook:
    """Return the book, an empty one without the file; notes what is wrong with the place of each entry."""
    path = library.folder / FILE
    if not path.exists():
        return MirrorBook()
    given = library.load(path)
    if given is None and library.problems:
        return MirrorBook()
    try:
        return parse_mirror(given, vocabulary)
    except MirrorError as error:
        lines = path.read_text(encoding="utf-8").splitlines()
        places = [at for at, line in enumerate(lines, 1) if line.lstrip().startswith("- ")]
        for number, words in error.problems:
            library.note(path, words, "account_tags", places[number - 1] if 0 < number <= len(places) else 1)
    return MirrorBook()


def check_mirror(library: Library, content: Content) -> None:
    """Note conditional menus that nobody would ever get, and an answer that no survey asks for."""
    book = content.mirror
    named = {(tag.key, tag.value) for tag in book.tags}
    for menu in content.account_menus:
        if (menu.key, menu.value) not in named:
            library.note(
                library.folder / FILE, f"a menu of the account is for {menu.name}, which is not in the list", "account_tags"
            )
    if book.called is not None:
        script = content.scripts.get(book.called[0])
        if script is None or script.find_step(book.called[1]) is None:
            library.note(library.folder / FILE, f"called: no question {book.called[1]} in {book.called[0]}", "account_tags")
