"""The numbers of a picture, to be taken elsewhere."""

from armguard_tray.ui.pictures.numbers import Numbers


def test_a_name_is_no_formula_and_a_number_stays_one() -> None:
    numbers = Numbers()
    numbers.show_rows(("Duty", "Out at its end"), [("=1+2", "-3"), ("Guard Duty", "4")])

    assert numbers.as_text == "Duty\tOut at its end\n'=1+2\t-3\nGuard Duty\t4"


def test_of_nothing_there_is_no_text() -> None:
    assert Numbers().as_text == ""
