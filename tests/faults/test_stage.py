"""When a stage is settled, and what it forgives, with a desk that needs no process."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from armguard_tray.catchup.deafness import MOST_SKIPPED
from tests.faults.empty_stage import APP, commit, empty_stage, say, tell
from tests.faults.judge import Claim
from tests.faults.stage import Stage

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def is_settled(stage: Stage, phase: str) -> bool:
    say(stage, phase)
    return stage.settled


def test_it_is_settled_only_while_the_desk_is_live(tmp_path: Path) -> None:
    stage = empty_stage(tmp_path)
    stage.witness.claim = Claim(1, stage.books.newest, NOON + timedelta(hours=1))

    # A look that finds sockets deaf closes them when it is in the journal.
    assert [is_settled(stage, phase) for phase in ("live", "backing off", "live")] == [True, False, True]


def test_it_is_not_settled_before_the_journal_answers_for_all(tmp_path: Path) -> None:
    assert not empty_stage(tmp_path).settled


def test_what_was_told_to_deaf_sockets_is_forgiven_until_transactions_show_it(tmp_path: Path) -> None:
    stage = empty_stage(tmp_path)
    stage.deafens()
    tell(stage)
    commit(stage, MOST_SKIPPED)
    assert (stage.hearing().dropped, stage.hearing().lost) == (1, 0)

    commit(stage, 1)
    assert (stage.hearing().dropped, stage.hearing().lost) == (0, 1)


def test_what_a_layer_dropped_is_forgiven_however_much_was_made(tmp_path: Path) -> None:
    stage = empty_stage(tmp_path)
    stage.drops()
    tell(stage)
    commit(stage, MOST_SKIPPED + 1)

    assert (stage.hearing().dropped, stage.hearing().lost) == (1, 0)


def test_a_server_with_the_app_is_forgiven_nothing(tmp_path: Path) -> None:
    stage = empty_stage(tmp_path, APP)
    stage.deafens()
    stage.drops()
    tell(stage)

    assert stage.hearing().lost == 1
