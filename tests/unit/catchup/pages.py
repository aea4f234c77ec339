"""Pages of the history, as the stock server makes them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from armguard_tray.catchup.history_page import Action, HistoryRow

MANILA = ZoneInfo("Asia/Manila")
ISSUED_NOW = """
<table>
  <thead><tr><th>Date/Time</th><th>Personnel</th><th>Item Type</th><th>Serial</th><th>Notes</th></tr></thead>
  <tbody>
  <tr><td>24/11/26 11:26:16</td><td>Juan Dela Cruz <small>Sgt</small></td><td>M4</td><td>00077</td>
  <td></td></tr>
  </tbody>
</table>
"""
HEADERS = ("ID", "Personnel", "Item", "Action", "Date/Time", "Notes", "Actions")
NOTHING = '<tr><td colspan="7">No transactions in this period.</td></tr>'
MORNING = datetime(2026, 11, 24, 11, 26, 16, tzinfo=MANILA)


def cells(
    number: object = 7,
    *,
    personnel: str = "Juan Dela Cruz",
    rank: str = "Sgt",
    item: str = "M4 - 00077",
    action: str = "Withdrawal",
    time: str = "24/11/26 11:26:16",
    notes: str = "",
) -> str:
    """Return a row as the template writes it."""
    return f"""
  <tr>
    <td>#{number}</td>
    <td>{escape(personnel)} <small>{escape(rank)}</small></td>
    <td>{escape(item)}</td>
    <td>{action}</td>
    <td>{time}</td>
    <td>{escape(notes)}</td>
    <td><a href="/transactions/{number}/">View</a> <a href="/inventory/IR-00077241126/">Item</a></td>
  </tr>"""


def table(*rows: str, headers: Iterable[str] = HEADERS) -> str:
    """Return the table of the history."""
    head = "".join(f"<th>{header}</th>" for header in headers)
    body = "\n".join(rows)
    return f"<table>\n  <thead><tr>{head}</tr></thead>\n  <tbody>{body}</tbody>\n</table>"


def page(*rows: str, before: str = ISSUED_NOW) -> str:
    """Return a whole page."""
    return (
        "<!doctype html><html><head><style>td > small { color: GrayText; }</style></head><body>"
        f"<h1>Transactions</h1>{before}<h2>History</h2>{table(*(rows or (NOTHING,)))}"
        "<nav><span>Page 1 of 1</span></nav></body></html>"
    )


def made(number: int, at: datetime) -> HistoryRow:
    """Return transaction `number`, made at that second."""
    return HistoryRow(
        id=number,
        personnel="Juan Dela Cruz",
        rank="Sgt",
        item="M4 - 00077",
        action=Action.TAKE,
        time=at,
        notes="",
    )


def page_of(rows: Iterable[HistoryRow]) -> str:
    """Return the page that lists `rows`."""
    return page(
        *(
            cells(row.id, item=row.item, time=f"{row.time.astimezone(MANILA):%d/%m/%y %H:%M:%S}")
            for row in rows
        ),
    )


def seconds(count: float) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=count)
