"""A server that has transactions and shows them as the stock server does, page by page."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx

from armguard_tray.catchup.history_page import ROWS_A_PAGE, HistoryRow
from armguard_tray.clock import Clock
from armguard_tray.connection.failures import Failure
from armguard_tray.connection.login import Page
from tests.unit.catchup.pages import made, page_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def answer(
    *rows: HistoryRow, status: int = 200, headers: dict[str, str] | None = None, text: str = ""
) -> Page:
    """Return a page that lists `rows`, or says `text`."""
    return Page(status, httpx.Headers(headers or {}), {}, text or page_of(rows))


class HistoryServer:
    """Keeps transactions; its clock is that of the desk.

    Attributes:
        rows: its transactions, by number.
        asked: the pages that it was asked for, by number.
        instead: what it answers next in place of its pages, in order; None: the page.
        ahead: by how much its clock is.
        tells_the_time: whether its answers bear a date, as behind nginx; daphne alone gives none.
        rows_a_page: how many it shows on each.
        on_the_way: called while a page is on its way, which shows what there was when it was asked for.
        shows_last_again: whether it shows its last page once more in place of those past the end.

    """

    def __init__(self, clock: Clock) -> None:
        """Begin without transactions."""
        self.rows: dict[int, HistoryRow] = {}
        self.asked: list[int] = []
        self.instead: list[Page | Failure | None] = []
        self.ahead = timedelta(0)
        self.tells_the_time = True
        self.rows_a_page = ROWS_A_PAGE
        self.shows_last_again = False
        self.on_the_way: Callable[[], Awaitable[None]] | None = None
        self._clock = clock

    def make(
        self, first: int, last: int | None = None, *, at: datetime | None = None, apart: float = 0
    ) -> None:
        """Make transactions of these numbers, the last one `at` that time (None: now), seconds `apart`."""
        last = first if last is None else last
        end = at or self._clock.now()
        for number in range(first, last + 1):
            self.rows[number] = made(number, end - timedelta(seconds=apart * (last - number)))

    def change(self, number: int, **fields: object) -> None:
        """Make another transaction of one that there is."""
        self.rows[number] = replace(self.rows[number], **fields)  # type: ignore[arg-type]

    async def get(self, path: str, *, accept: str, most: int) -> Page | Failure:  # noqa: ARG002 - a PageSource's
        """Answer as the server would, or as told."""
        number = int(parse_qs(urlsplit(path).query)["page"][0])
        self.asked.append(number)
        page = self._page(number)
        if self.on_the_way is not None:
            await self.on_the_way()
        return page

    def _page(self, number: int) -> Page | Failure:
        instead = self.instead.pop(0) if self.instead else None
        if instead is not None:
            return instead
        newest_first = sorted(self.rows.values(), key=lambda row: row.id, reverse=True)
        if self.shows_last_again:
            number = min(number, -(-len(newest_first) // self.rows_a_page))
        shown = newest_first[(number - 1) * self.rows_a_page : number * self.rows_a_page]
        if not shown and number > 1:
            return answer(status=404, text="<h1>Not found</h1>")
        date = format_datetime(self._clock.now() + self.ahead, usegmt=True)
        return answer(*shown, headers={"Date": date} if self.tells_the_time else {})
