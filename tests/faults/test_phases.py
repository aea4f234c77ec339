"""When a desk was live, read from its log."""

from datetime import UTC, datetime, timedelta

from tests.faults.phases import Phases

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def line(seconds: float, said: str) -> str:
    return f"{at(seconds):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z INFO    armguard_tray.{said}"


def change(seconds: float, stream: str, phase: str) -> str:
    return line(seconds, f"connection.runner: {stream}: connecting -> {phase} on Proven")


def opened(seconds: float) -> str:
    return line(seconds, "storage.journal: journal /home/journal.sqlite3 is open, last row 7")


def read(*lines: str) -> Phases:
    phases = Phases()
    phases.read(lines)
    return phases


def test_it_is_live_when_the_last_stream_is() -> None:
    phases = read(opened(0), change(1, "transactions", "live"), change(1, "inventory", "connecting"))
    assert not phases.live
    phases.read([change(2, "inventory", "live")])
    assert phases.live


def test_streams_that_are_no_longer_wanted_do_not_count() -> None:
    phases = read(opened(0), change(1, "transactions", "stopped"), change(2, "live", "live"))

    assert phases.live


def test_seconds_to_notice_and_to_recover() -> None:
    phases = read(
        opened(0), change(1, "live", "live"), change(5, "live", "backing off"), change(7, "live", "live")
    )

    assert phases.noticed(at(3)) == at(5)
    assert phases.recovered(at(5)) == at(7)


def test_it_has_recovered_at_once_if_it_is_live_by_then() -> None:
    assert read(opened(0), change(1, "live", "live")).recovered(at(5)) == at(5)


def test_what_has_not_happened_has_no_time() -> None:
    live = read(opened(0), change(1, "live", "live"))
    lost = read(opened(0), change(1, "live", "live"), change(2, "live", "backing off"))

    assert live.noticed(at(1.5)) is None
    assert lost.recovered(at(1.5)) is None


def test_a_program_that_starts_again_is_not_live_yet() -> None:
    phases = read(opened(0), change(1, "live", "live"), opened(2))

    assert phases.noticed(at(1.5)) == at(2)


def test_other_lines_say_nothing() -> None:
    assert not read(line(0, "connection.session: logged in"), "  of a traceback").live


def test_for_how_long_it_has_been_live() -> None:
    live = read(opened(0), change(1, "live", "live"))
    assert live.lived(at(5)) == 4
    live.read([change(6, "live", "backing off")])
    assert live.lived(at(8)) == 0


def test_its_state_in_words() -> None:
    phases = read(opened(0), change(1, "live", "live"), change(2, "live", "backing off"))

    assert str(phases) == "live backing off since 12:00:02"
