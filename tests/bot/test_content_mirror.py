"""content/account_tags.yaml as `check` sees it: every fault with its line, and conditional menus that nobody would get."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.content import Library
from bot.content_mirror import check_mirror, read_mirror
from handlers.content import AccountMenu
from handlers.mirror_rules import MirrorBook
from tests.loaded import CONTENT


def write(tmp_path: Path, text: str) -> Library:
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "account_tags.yaml").write_text(text, encoding="utf-8")
    return Library(folder)


def test_faults_are_named_with_their_line(tmp_path: Path) -> None:
    library = write(
        tmp_path, "# ours\ntags:\n  - {tag: pet.kind=犬, name: 养犬}\n\n  - {tag: pay.fee=欠费, name: 欠费}\nmore: 1\n"
    )
    assert read_mirror(library, CONTENT.vocabulary) == MirrorBook()
    assert [(each.place.line, each.message.split(":")[0]) for each in library.problems] == [
        (1, "more"),
        (5, "pay.fee is for staff only"),
    ]


def test_no_file_mirrors_nothing_and_an_empty_one_is_told(tmp_path: Path) -> None:
    assert read_mirror(Library(tmp_path / "content"), CONTENT.vocabulary) == MirrorBook()
    library = write(tmp_path, "")
    read_mirror(library, CONTENT.vocabulary)
    assert [each.message for each in library.problems] == ["must be a mapping"]


def test_a_menu_for_a_tag_that_does_not_stand_on_the_account_is_told(tmp_path: Path) -> None:
    library = write(tmp_path, "tags: []\n")
    menus = (AccountMenu("pet.kind", "犬", ()), AccountMenu("volunteer.hours", "3", ()))
    check_mirror(
        library, replace(CONTENT, account_menus=menus, mirror=replace(CONTENT.mirror, called=("survey.friend", "name")))
    )
    assert [each.message for each in library.problems] == [
        "a menu of the account is for volunteer.hours=3, which is not in the list",
        "called: no question name in survey.friend",
    ]
