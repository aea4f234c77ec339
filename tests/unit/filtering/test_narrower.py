"""What a name was found as can be told apart."""

from armguard_tray.filtering.narrower import narrower
from armguard_tray.filtering.wanted import Wanted
from tests.fakes.events import issued, notice

TOOK = issued(1, personnel="Ana Reyes")
ISSUED = issued(2, personnel="Juan Dela Cruz", issued_by="sgt.reyes")


def test_who_took_and_who_issued_are_told_apart() -> None:
    offered = narrower(Wanted(text="reyes"), [TOOK, ISSUED, notice()])

    assert [(each.words, each.wanted) for each in offered] == [
        ("taken by Ana Reyes", Wanted(person="Ana Reyes")),
        ("issued by sgt.reyes", Wanted(issuers=frozenset({"sgt.reyes"}))),
    ]


def test_words_that_are_no_part_of_the_name_stay_words() -> None:
    offered = narrower(Wanted(text="M4 REYES patrol"), [TOOK, ISSUED])

    assert [each.wanted.text for each in offered] == ["M4 patrol", "M4 patrol"]


def test_the_most_frequent_names_are_offered_and_few_of_them() -> None:
    found = [
        issued(1, personnel=f"{first} Reyes") for first in ("Ana", "José", "Liza", "Liza", "José", "José")
    ]

    assert [each.words for each in narrower(Wanted(text="reyes"), found)] == [
        "taken by José Reyes",
        "taken by Liza Reyes",
    ]


def test_who_has_only_one_of_the_words_is_not_offered_beside_who_has_both() -> None:
    others = [issued(number, personnel="Ana Torres", issued_by="sgt.reyes") for number in (1, 2, 3)]

    assert [
        (each.words, each.wanted.text) for each in narrower(Wanted(text="ana reyes"), [*others, TOOK])
    ] == [
        ("taken by Ana Reyes", ""),
        ("issued by sgt.reyes", "ana"),
    ]


def test_an_accent_is_one_however_it_is_stored() -> None:
    found = [issued(1, personnel="Jose\u0301 Reyes"), issued(1, issued_by="jos\u00e9")]

    assert len(narrower(Wanted(text="JOS\u00c9"), found)) == 2


def test_one_name_in_one_role_is_not_to_be_told_from_anything() -> None:
    assert not narrower(Wanted(text="reyes"), [TOOK, TOOK])
    assert not narrower(Wanted(text="reyes"), [])


def test_what_is_asked_for_already_is_not_offered() -> None:
    assert not narrower(Wanted(text="reyes", person="Ana Reyes"), [TOOK, ISSUED])
    assert not narrower(Wanted(text="reyes", issuers=frozenset({"sgt.reyes"})), [TOOK, ISSUED])


def test_single_letters_are_in_too_many_names() -> None:
    assert not narrower(Wanted(text="a e"), [TOOK, ISSUED])
    assert not narrower(Wanted(), [TOOK, ISSUED])
