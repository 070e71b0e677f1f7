from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers.errors import InvalidInputError
from handlers.import_staff import STAFF_COLUMNS
from handlers.imports import ImportReport, import_owners, import_staff
from handlers.runtime import Runtime
from models.audits import AuditEntry
from models.followers import Follower
from models.owners import Owner, Residence
from models.places import Room
from models.staff import Staff
from models.tags import list_tags
from tests.handlers.registers import NOW, PERSON, make_runtime, write_rows

ROLES = "butler, service_desk, technician, supervisor, operations, finance, supplier"
FULL = PERSON | {
    "phone": "138-1234 5678",
    "relation": "租客",
    "moved_in_on": "2025/3/1",
    "birthday": "1980-02-29",
    "openid": "o_wang",
    "tags": "pet.kind=犬;pet.kind=猫;car.count=2+",
}


@pytest.fixture
def runtime(database, tmp_path) -> Runtime:
    return make_runtime(database, tmp_path)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "owners.csv"


def owners(runtime: Runtime, path: Path, *rows: dict[str, str], **options: bool) -> ImportReport:
    return import_owners(runtime, write_rows(path, *rows), **options)


def staff(runtime: Runtime, path: Path, *rows: dict[str, str], **options: bool) -> ImportReport:
    return import_staff(runtime, write_rows(path, *rows, columns=STAFF_COLUMNS), **options)


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


def count(runtime: Runtime, model: type) -> int:
    with runtime.database.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(model))


def test_a_row_makes_a_person_a_home_a_follower_and_tags(runtime, path):
    assert counts(owners(runtime, path, FULL)) == (1, 0, 0)
    with runtime.database.reading() as tx:
        person = tx.session.scalars(select(Owner)).one()
        (home,) = person.residences
        assert (person.name, person.phone, person.birthday) == ("王伟", "13812345678", date(1980, 2, 29))
        assert (home.room.label, home.relation, home.moved_in_on) == ("1栋-1单元-101", "租客", date(2025, 3, 1))
        follower = tx.session.get_one(Follower, "o_wang")
        assert (follower.owner_id, follower.is_following) == (person.id, True)
        tags = {key: set(values) for key, values in list_tags(tx.session, person.id, NOW).items()}
        assert tags == {"pet.kind": {"犬", "猫"}, "car.count": {"2+"}}


def test_the_least_row_has_a_place_and_a_name(runtime, path):
    owners(runtime, path, PERSON)
    with runtime.database.reading() as tx:
        assert tx.session.scalars(select(Residence)).one().relation == "业主"


def test_the_same_file_twice_changes_nothing(runtime, path):
    rows = [FULL, PERSON | {"name": "李娜", "room": "102"}, FULL | {"room": "103"}]
    assert counts(owners(runtime, path, *rows)) == (2, 1, 0)
    assert counts(owners(runtime, path, *rows)) == (0, 0, 3)
    assert (count(runtime, Owner), count(runtime, Residence), count(runtime, Room)) == (2, 3, 3)


@pytest.mark.parametrize(
    "news",
    [
        {"phone": "13900000000"},
        {"relation": "家人"},
        {"moved_in_on": "2024-01-01"},
        {"birthday": "1981-01-01"},
        {"openid": "o_new"},
        {"tags": "pet.kind=猫"},
        {"tags": "car.count=1"},
    ],
    ids=lambda news: next(iter(news)),
)
def test_a_changed_cell_updates_the_same_person(runtime, path, news):
    owners(runtime, path, FULL)
    assert counts(owners(runtime, path, FULL | news)) == (0, 1, 0)
    assert counts(owners(runtime, path, FULL | news)) == (0, 0, 1)
    assert count(runtime, Owner) == 1


def test_a_changed_tag_takes_the_place_of_the_old_one(runtime, path):
    owners(runtime, path, FULL)
    owners(runtime, path, FULL | {"tags": "pet.kind=猫;car.count=0"})
    with runtime.database.reading() as tx:
        owner_id = tx.session.scalars(select(Owner.id)).one()
        assert list_tags(tx.session, owner_id, NOW) == {"pet.kind": ["猫"], "car.count": ["0"]}


def test_an_empty_cell_leaves_what_is_known(runtime, path):
    owners(runtime, path, FULL)
    assert counts(owners(runtime, path, PERSON)) == (0, 0, 1)


def test_a_person_with_a_phone_is_known_again_in_another_room(runtime, path):
    owners(runtime, path, FULL)
    owners(runtime, path, FULL | {"room": "999"})
    assert (count(runtime, Owner), count(runtime, Residence)) == (1, 2)


def test_one_phone_may_belong_to_a_family(runtime, path):
    owners(runtime, path, FULL, FULL | {"name": "王小明", "openid": "", "relation": "家人"})
    assert count(runtime, Owner) == 2


def test_a_follower_who_left_is_not_taken_as_following(runtime, path):
    with runtime.database.transaction() as tx:
        tx.session.add(Follower(openid="o_wang", is_following=False))
    owners(runtime, path, FULL)
    with runtime.database.reading() as tx:
        follower = tx.session.get_one(Follower, "o_wang")
        assert (follower.is_following, follower.owner_id is None) == (False, False)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ({"name": ""}, "name is empty, fill it in"),
        ({"room": " "}, "room is empty, fill it in"),
        ({"community": "长" * 81}, "community is longer than 80 characters, shorten it"),
        ({"name": "a\nb"}, "name holds a line break or another control character, take it out"),
        ({"phone": "12345"}, "phone '12345' is no phone number"),
        ({"phone": "1.38E+10"}, "phone '1.38E+10' is no phone number"),
        ({"relation": "朋友"}, "relation '朋友' is unknown, write one of 业主、家人、租客、代办"),
        ({"moved_in_on": "2026-02-30"}, "moved_in_on '2026-02-30' is no day, write it like 2026-01-31"),
        (
            {"moved_in_on": "2999-01-01"},
            "moved_in_on '2999-01-01' lies before 1900-01-01 or after 2100-01-01, correct the year",
        ),
        ({"birthday": "2026-11-22"}, "birthday '2026-11-22' lies in the future, correct it"),
        ({"openid": "有 空格"}, "openid '有 空格' is no openid"),
        ({"tags": "pet.kind"}, "tags hold 'pet.kind', write key=value"),
        ({"tags": "pet.kynd=犬"}, "tags hold the unknown key 'pet.kynd', see content/tags.yaml"),
        ({"tags": "car.count=7"}, "tags hold 'car.count=7', write one of 0, 1, 2+"),
        ({"tags": "car.count=0;car.count=1"}, "tags give car.count more than one value, keep one"),
        ({"tags": "house.stage=老业主"}, "tags hold house.stage, which is computed, take it out"),
    ],
)
def test_a_bad_cell_is_told_with_its_line_and_nothing_is_imported(runtime, path, cell, problem):
    report = owners(runtime, path, PERSON, PERSON | {"room": "102"} | cell)
    assert report.is_refused
    (line,) = report.problems
    assert line.startswith(f"line 3: {problem}")
    assert count(runtime, Owner) == 0


@pytest.mark.parametrize(
    ("written", "kept"),
    [("+86 138 1234 5678", "13812345678"), ("0571-8888 8888", "057188888888"), ("１３８１２３４５６７８", "13812345678")],
)
def test_phones_are_kept_as_digits(runtime, path, written, kept):
    owners(runtime, path, PERSON | {"phone": written})
    with runtime.database.reading() as tx:
        assert tx.session.scalars(select(Owner.phone)).one() == kept


def test_all_bad_rows_are_listed(runtime, path):
    report = owners(runtime, path, PERSON | {"phone": "1", "birthday": "x"}, FULL, PERSON | {"name": ""})
    assert [line.split(":")[0] for line in report.problems] == ["line 2", "line 2", "line 4"]


def test_good_rows_can_be_imported_and_the_rest_comes_back_with_reasons(runtime, path):
    report = owners(runtime, path, FULL, PERSON | {"room": "102", "phone": "1"}, skip_bad=True)
    assert (report.created, report.rejected, report.is_refused) == (1, 1, False)
    assert report.rejected_file == path.with_name("owners.rejected.csv")
    with report.rejected_file.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["room"], row["phone"]) == ("102", "1")
    assert "is no phone number" in row["reason"]


def test_a_file_of_rejected_rows_can_come_back(runtime, path):
    report = owners(runtime, path, PERSON | {"phone": "1"}, skip_bad=True)
    mended = report.rejected_file.read_text(encoding="utf-8-sig").replace(",1,", ",13812345678,", 1)
    path.write_text(mended, encoding="utf-8")
    assert import_owners(runtime, path).created == 1


def test_the_same_person_and_room_twice_in_a_file_is_a_problem(runtime, path):
    report = owners(runtime, path, FULL, FULL, PERSON)
    words = "the same person and room as line 2, take one out"
    assert report.problems == [f"line 3: {words}", f"line 4: {words}"]


def test_an_openid_of_two_people_in_a_file_is_a_problem(runtime, path):
    report = owners(runtime, path, FULL, PERSON | {"name": "李娜", "openid": "o_wang"})
    assert report.problems == ["line 3: openid is also that of line 2, correct one"]


def test_two_birthdays_of_a_person_in_a_file_are_a_problem(runtime, path):
    report = owners(runtime, path, FULL, FULL | {"room": "102", "birthday": "1990-01-01"})
    assert report.problems == ["line 3: birthday is another than in line 2 for the same person, correct one"]


def test_an_openid_of_somebody_else_or_of_staff_is_a_problem(runtime, path):
    owners(runtime, path, FULL)
    with runtime.database.transaction() as tx:
        tx.session.add(Staff(name="赵", role="butler", openid="o_zhao"))
    rows = [PERSON | {"name": "李娜", "openid": "o_wang"}, PERSON | {"name": "孙", "openid": "o_zhao"}]
    first, second = owners(runtime, path, *rows).problems
    assert first.startswith("line 2: openid belongs to the owner with id ")
    assert second == "line 3: openid belongs to a staff member, correct it"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_spreadsheets_encodings_are_read(runtime, path, encoding):
    assert import_owners(runtime, write_rows(path, FULL, encoding=encoding)).created == 1


def test_a_workbook_is_told_to_be_no_csv(runtime, path):
    path.write_bytes(b"PK\x03\x04\x00\x00")
    with pytest.raises(InvalidInputError, match="save it as CSV UTF-8"):
        import_owners(runtime, path)


def test_a_header_is_checked_as_a_whole(runtime, path):
    path.write_text("community,building,unit,room,name,phone,phone,age\n", encoding="utf-8")
    with pytest.raises(InvalidInputError) as raised:
        import_owners(runtime, path)
    assert raised.value.problems == (
        "line 1: the column relation is missing, add it",
        "line 1: the column moved_in_on is missing, add it",
        "line 1: the column birthday is missing, add it",
        "line 1: the column openid is missing, add it",
        "line 1: the column tags is missing, add it",
        "line 1: the column age is unknown, take it out",
        "line 1: the column phone is there twice, take one out",
    )


def test_an_empty_file_has_no_header(runtime, path):
    path.write_text("", encoding="utf-8")
    with pytest.raises(InvalidInputError) as raised:
        import_owners(runtime, path)
    assert raised.value.problems[0].startswith("line 1: the header is missing")


def test_columns_may_stand_in_any_order_and_empty_lines_are_passed_over(runtime, path):
    columns = "tags,openid,birthday,moved_in_on,relation,phone,name,room,unit,building,community"
    path.write_text(f"\n,,\n{columns}\n\n,,,,,,王伟,101,1,1,阳光\n,,,,,,,,,,\n,,,,,,,102,1,1,阳光\n", encoding="utf-8-sig")
    report = import_owners(runtime, path, skip_bad=True)
    assert (report.rows, report.created, report.problems) == (2, 1, ["line 7: name is empty, fill it in"])


def test_a_row_with_a_comma_too_many_is_a_problem(runtime, path):
    write_rows(path, PERSON)
    path.write_text(path.read_text(encoding="utf-8") + "a,b\n", encoding="utf-8")
    assert import_owners(runtime, path).problems == [
        "line 3: has 2 cells and the header has 11, look for a comma too many or too few"
    ]


def test_an_open_quotation_mark_is_a_problem_and_no_crash(runtime, path):
    write_rows(path, PERSON)
    path.write_text(path.read_text(encoding="utf-8") + '"a,b\n', encoding="utf-8")
    (problem,) = import_owners(runtime, path).problems
    assert problem.startswith("line 3: is not CSV")


def test_an_import_is_audited_without_personal_data(runtime, path):
    import_owners(runtime, write_rows(path, FULL), by="cli:me")
    with runtime.database.reading() as tx:
        entry = tx.session.scalars(select(AuditEntry)).one()
    assert (entry.by, entry.action, entry.subject) == ("cli:me", "import", "file:owners.csv")
    assert entry.detail == {"rows": 1, "created": 1, "updated": 0, "rejected": 0}


def test_people_in_different_batches_are_known_again(runtime, path):
    rows = [PERSON | {"room": str(number), "name": f"业主{number}", "phone": f"139{number:08d}"} for number in range(1200)]
    rows += [PERSON | {"room": "9999", "name": "业主0", "phone": "13900000000"}]
    assert counts(owners(runtime, path, *rows)) == (1200, 1, 0)
    assert counts(owners(runtime, path, *rows)) == (0, 0, 1201)


def test_staff_come_with_their_buildings(runtime, path):
    row = {"name": "赵敏", "phone": "13700000001", "role": "butler", "openid": "o_zhao", "buildings": "阳光/1栋;阳光/2栋"}
    assert counts(staff(runtime, path, row)) == (1, 0, 0)
    assert counts(staff(runtime, path, row)) == (0, 0, 1)
    with runtime.database.reading() as tx:
        person = tx.session.scalars(select(Staff)).one()
        assert (person.role, [each.name for each in person.buildings]) == ("butler", ["1栋", "2栋"])
        assert tx.session.get_one(Follower, "o_zhao").is_following


@pytest.mark.parametrize(
    "news", [{"name": "赵敏敏"}, {"role": "supervisor"}, {"openid": "o_2"}, {"buildings": "阳光/3栋"}], ids=str
)
def test_a_changed_cell_updates_the_same_staff_member(runtime, path, news):
    row = {"name": "赵敏", "phone": "13700000001", "role": "butler", "openid": "o_zhao", "buildings": "阳光/1栋"}
    staff(runtime, path, row)
    assert counts(staff(runtime, path, row | news)) == (0, 1, 0)
    assert counts(staff(runtime, path, row | news)) == (0, 0, 1)


def test_a_star_is_every_building_that_is_known(runtime, path):
    row = {"name": "钱", "role": "supervisor", "buildings": "阳光/*"}
    assert staff(runtime, path, row).problems == [
        "line 2: no building of 阳光 is known yet, import its owners first or name the buildings"
    ]
    owners(runtime, path, PERSON, PERSON | {"building": "2栋"})
    staff(runtime, path, row)
    with runtime.database.reading() as tx:
        assert len(tx.session.scalars(select(Staff)).one().buildings) == 2


def test_all_problems_of_staff_are_told(runtime, path):
    good = {"name": "赵", "phone": "13700000001", "role": "butler", "openid": "o_1"}
    rows = [good, good | {"name": "钱"}, {"name": "", "role": "boss", "buildings": "阳光"}, {"name": "孙"}]
    assert staff(runtime, path, *rows).problems == [
        "line 3: phone is also that of line 2, correct one",
        "line 3: openid is also that of line 2, correct one",
        "line 4: name is empty, fill it in",
        f"line 4: role 'boss' is unknown, write one of {ROLES}",
        "line 4: buildings hold '阳光', write community/building or community/*",
        f"line 5: role is empty, write one of {ROLES}",
    ]


def test_a_residents_openid_is_not_given_to_staff(runtime, path):
    owners(runtime, path, FULL)
    (problem,) = staff(runtime, path, {"name": "赵", "role": "butler", "openid": "o_wang"}).problems
    assert problem.startswith("line 2: openid belongs to the owner with id ")


def test_a_place_written_otherwise_is_the_same_place_and_keeps_the_name_first_seen(runtime, path):
    written = [
        ("1", "1", "101"),
        ("1栋", "1单元", "102"),
        ("一号楼", "一单元", "0103"),
        ("A1", "1", "101"),
        ("东1", "1", "101"),
    ]
    people = [
        PERSON | {"building": building, "unit": unit, "room": room, "name": f"业主{at}"}
        for at, (building, unit, room) in enumerate(written)
    ]
    assert counts(owners(runtime, path, *people)) == (5, 0, 0)
    again = [people[0] | {"building": "一栋", "unit": "1单元", "room": "0101室"}, people[2] | {"building": "1栋", "unit": "1"}]
    assert counts(owners(runtime, path, *again)) == (0, 0, 2)
    assert counts(staff(runtime, path, {"name": "李管家", "role": "butler", "buildings": "阳光/1栋;阳光/一号楼;阳光/東1"})) == (
        1,
        0,
        0,
    )
    with runtime.database.reading() as tx:
        labels = ["1-1-101", "1-1-102", "1-1-0103", "A1-1-101", "东1-1-101"]
        assert tx.session.scalars(select(Room.label).order_by(Room.id)).all() == labels
        butler = tx.session.scalars(select(Staff)).one()
        assert [building.name for building in butler.buildings] == ["1", "東1"]
        assert tx.session.scalars(select(Room.label).where(Room.building_id == butler.buildings[0].id)).all() == labels[:3]


def test_the_same_home_written_in_two_ways_is_a_repeated_row(runtime, path):
    report = owners(runtime, path, PERSON, PERSON | {"building": "1", "unit": "一单元", "room": "0101"})
    assert report.problems == ["line 3: the same person and room as line 2, take one out"]
