"""How the settings say that the journal is to be kept."""

from datetime import timedelta
from pathlib import Path

from armguard_tray.app.core import _wishes
from armguard_tray.settings.model import JournalSettings, problems
from armguard_tray.storage.retention import Limits


def test_by_default_two_years_and_four_gibibytes_are_kept() -> None:
    wishes = _wishes(JournalSettings())

    assert wishes.limits == Limits(keep=timedelta(days=730), size=4 << 30)
    assert (wishes.backups, wishes.backups_kept) == (None, 5)


def test_zero_is_no_limit() -> None:
    assert _wishes(JournalSettings(keep_days=0, most_mib=0)).limits == Limits()


def test_what_a_hand_wrote_into_the_file_that_is_impossible_removes_nothing() -> None:
    settings = JournalSettings(keep_days=1, most_mib=-5, backups=-1)

    assert set(problems(settings)) == {"keep_days", "most_mib", "backups"}
    assert _wishes(settings).limits == Limits()
    assert _wishes(settings).backups_kept == 1


def test_a_folder_of_backups_may_be_elsewhere(tmp_path: Path) -> None:
    assert _wishes(JournalSettings(backup_folder=str(tmp_path))).backups == tmp_path
