"""Errors that a person reads."""

import pytest

from armguard_tray.errors import ArmGuardTrayError, JournalError, JournalTooNewError, SettingsError, UserError


def test_an_error_reads_as_what_happened_and_what_to_do() -> None:
    error = UserError("The disk is full.", "Free some space.")

    assert (error.message, error.remedy) == ("The disk is full.", "Free some space.")
    assert str(error) == "The disk is full. Free some space."


def test_without_a_remedy_there_is_only_what_happened() -> None:
    assert str(UserError("The disk is full.")) == "The disk is full."


@pytest.mark.parametrize("error", [SettingsError, JournalError, JournalTooNewError])
def test_what_a_user_reads_can_be_caught_as_one(error: type[UserError]) -> None:
    assert issubclass(error, UserError)
    assert issubclass(error, ArmGuardTrayError)
