"""The page Journal: what it says, and what its buttons do."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from armguard_tray.errors import JournalError
from armguard_tray.ui.settings_dialog.journal_page import JournalPage
from armguard_tray.ui.settings_pages import PageName
from armguard_tray.ui.tone_label import Tone
from tests.fakes.journal_care import BACKUP, BROKEN, HOLDS, MUCH_TRIMMED, FakeCare
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import settled
from tests.ui.settings_dialog.conftest import MakeDialog


@pytest.fixture
def care() -> FakeCare:
    return FakeCare()


async def shown(make_dialog: MakeDialog, care: FakeCare | None) -> JournalPage:
    """Return the page, with what there is to say of the journal."""
    dialog = make_dialog(care=care)
    dialog.show_page(PageName.JOURNAL)
    await settled()
    page: JournalPage = dialog.journal
    return page


def said(page: JournalPage, name: str) -> str:
    return page.labels[name].text()


async def test_nothing_is_called_good_before_it_was_checked(make_dialog: MakeDialog, care: FakeCare) -> None:
    page = await shown(make_dialog, care)

    assert said(page, "Size") == "992 MiB."
    assert said(page, "Events") == "1,000,000 events, since 24/11/24 00:30:22."
    assert said(page, "Last backup") == "None yet."
    assert said(page, "Last check").strip() == "Not checked yet."
    assert said(page, "Chain").strip() == "Not checked yet."
    assert {page.labels[name].tone for name in ("Last check", "Chain")} == {Tone.HELP}
    assert not page.compact_button.isVisible()


async def test_a_check_says_from_when_to_when_the_chain_holds(
    make_dialog: MakeDialog, care: FakeCare
) -> None:
    page = await shown(make_dialog, care)
    page.check_button.click()
    await settled()
    assert page.is_busy
    assert not page.check_button.isEnabled()

    care.answer.set()
    await settled()

    assert "Holds from 24/11/24 00:30:22 to" in said(page, "Chain")
    assert ", checked " in said(page, "Chain")
    assert said(page, "Head").replace("\u200b", "") == str(HOLDS.head)
    page.copy_button.click()
    assert QGuiApplication.clipboard().text() == str(HOLDS.head)
    assert page.outcome.tone is Tone.GOOD


async def test_a_broken_chain_is_said_with_the_first_place(make_dialog: MakeDialog, care: FakeCare) -> None:
    care.finds = BROKEN
    care.answer.set()
    page = await shown(make_dialog, care)

    page.check()
    await settled()

    assert "broken in 3 places. Content changed: row 511, entry 512" in said(page, "Chain")
    assert page.labels["Chain"].tone is Tone.PROBLEM
    assert "the log was changed" in page.outcome.text()


async def test_a_backup_goes_where_the_user_says(make_dialog: MakeDialog, care: FakeCare) -> None:
    page = await shown(make_dialog, care)
    suggested: list[Path] = []

    def choose(default: Path, then: object) -> None:
        suggested.append(default)
        assert callable(then)
        then(Path("/media/stick/log.sqlite3"))

    page.choose = choose
    care.answer.set()
    page.back_up_button.click()
    await settled()

    assert suggested[0].parent.name == "backups"
    assert care.asked == ["back up to /media/stick/log.sqlite3"]
    assert "/media/stick/log.sqlite3" in said(page, "Last backup").replace("\u200b", "")


async def test_what_goes_wrong_is_said(make_dialog: MakeDialog, care: FakeCare) -> None:
    care.error = JournalError(
        "The journal could not be backed up: No space left on device.", "Free some space."
    )
    care.answer.set()
    page = await shown(make_dialog, care)

    page.choose = lambda default, then: then(default)
    page.back_up()
    await settled()

    assert "No space left on device. Free some space." in page.outcome.text()
    assert page.outcome.tone is Tone.PROBLEM
    assert page.check_button.isEnabled()


async def test_what_is_under_way_can_be_stopped(make_dialog: MakeDialog, care: FakeCare) -> None:
    page = await shown(make_dialog, care)
    page.check()
    await settled()
    assert page.stop_button.isVisible()

    page.stop_button.click()
    await settled()

    assert care.cancelled == 1
    assert not page.is_busy
    assert page.outcome.text().strip() == "Stopped."


async def test_closing_the_dialog_ends_it(make_dialog: MakeDialog, care: FakeCare) -> None:
    page = await shown(make_dialog, care)
    page.check()
    await settled()

    window = page.window()
    assert isinstance(window, QWidget)
    window.close()
    await settled()

    assert care.cancelled == 1


async def test_compaction_is_offered_where_much_is_free(make_dialog: MakeDialog, care: FakeCare) -> None:
    care.now = MUCH_TRIMMED
    care.answer.set()
    page = await shown(make_dialog, care)
    assert "41% of it are free" in said(page, "Size")
    assert "Rows up to 968,228 were removed" in said(page, "Events")

    page.compact_button.click()
    await settled()

    assert care.asked == ["compact"]
    assert not page.compact_button.isVisible()


async def test_a_limit_that_would_empty_the_log_is_refused_beside_its_field(
    make_dialog: MakeDialog, care: FakeCare
) -> None:
    page = await shown(make_dialog, care)
    page.form.fields["keep_days"].value = 7

    assert page.show_problems()

    assert page.form.fields["keep_days"].problem == "At least 30 days, or 0 for ever."


@pytest.mark.parametrize("look", LOOKS)
async def test_pictures(make_dialog: MakeDialog, look: str) -> None:
    with system_look(look):
        care = FakeCare()
        page = await shown(make_dialog, care)
        await take_picture(page.window(), f"settings_journal_unchecked_{look}")
        page.check()
        page._show_progress()
        await take_picture(page.window(), f"settings_journal_checking_{look}")
        care.answer.set()
        await settled()
        await take_picture(page.window(), f"settings_journal_checked_{look}")
        care.finds, care.now = BROKEN, MUCH_TRIMMED
        page.check()
        await settled()
        await take_picture(page.window(), f"settings_journal_broken_{look}")
        assert care.now.backup == BACKUP
