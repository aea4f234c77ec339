"""What is issued now is read from the pages that are read anyway."""

from datetime import UTC, datetime, timedelta

from armguard_tray.catchup.issued_page import IssuedRow
from armguard_tray.catchup.reader import Read, Reader
from tests.unit.catchup.history_server import HistoryServer, answer
from tests.unit.catchup.pages import ISSUED_NOW, MANILA, MORNING, table
from tests.unit.catchup.patient_clock import PatientClock

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
JUAN = IssuedRow(item="M4 - 00077", personnel="Juan Dela Cruz", time=MORNING.astimezone(UTC))


class Desk:
    """A reader and the server that it reads."""

    def __init__(self) -> None:
        self.clock = PatientClock(NOW)
        self.server = HistoryServer(self.clock)
        self.reader = Reader(self.server, MANILA, self.clock, self.clock.sleep)


async def test_the_first_page_says_what_is_issued_and_up_to_which_transaction_that_is_so() -> None:
    desk = Desk()
    desk.server.make(1, 25)
    desk.server.ahead = timedelta(minutes=10)

    await desk.reader.page(1)

    issued = desk.reader.issued
    assert issued is not None
    assert (issued.rows, issued.newest, issued.at) == ((JUAN,), 25, NOW)
    assert issued.ahead == timedelta(minutes=10, seconds=0.5)


async def test_older_pages_do_not_say_up_to_when() -> None:
    desk = Desk()
    desk.server.make(1, 25)

    await desk.reader.page(2)

    assert desk.reader.issued is None


async def test_no_page_is_asked_for_because_of_it() -> None:
    desk = Desk()
    desk.server.make(1, 25)

    await desk.reader.page(1)

    assert len(desk.server.asked) == 1


async def test_a_list_that_is_not_understood_is_none_and_the_history_counts_all_the_same() -> None:
    desk = Desk()
    desk.server.make(1, 3)
    await desk.reader.page(1)

    desk.server.instead.append(answer(text=ISSUED_NOW.replace("24/11/26", "today") + table()))
    read = await desk.reader.page(1)

    assert desk.reader.issued is None
    assert isinstance(read, Read)
