"""PURE: what a reader asks of the log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo

from armguard_tray.filtering.when import Dates, When, bounds
from armguard_tray.messages.event import Category, Source
from armguard_tray.storage.log_filter import LogFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader asks for: a `LogFilter` whose time may move along with the present.

    The default is everything. All conditions hold together; of several values in one of them, any will do.

    Attributes:
        text: words that must all occur, each in any one field, whatever their case.
        categories: the categories to show.
        item_types, duties, issuers, statuses: only events that bear one of these, to the letter.
        sources: only what came in one of these ways.
        needs_look: only what a person should look at.
        person, item: only what is about this one, to the letter.
        when: of which time.

    """

    text: str = ""
    categories: frozenset[Category] = frozenset()
    item_types: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    issuers: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    sources: frozenset[Source] = frozenset()
    needs_look: bool = False
    person: str | None = None
    item: str | None = None
    when: When | Dates = When.EVERYTHING

    def without(self, name: str) -> "Wanted":
        """Return the same with nothing asked of the condition whose field is `name`."""
        changes = {name: getattr(EVERYTHING, name)}
        return replace(self, **changes)

    def at(self, now: datetime, zone: tzinfo, shifts: Sequence[time]) -> LogFilter:
        """Return what that means at `now`, aware.

        Days and shifts are those of `zone`, the server's; `shifts` are the times at which they begin.
        """
        since, until = bounds(self.when, now, zone, shifts)
        return LogFilter(
            categories=self.categories,
            text=self.text.strip(),
            since=since,
            needs_look=self.needs_look,
            until=until,
            item_types=self.item_types,
            duties=self.duties,
            issuers=self.issuers,
            statuses=self.statuses,
            sources=self.sources,
            person=self.person,
            item=self.item,
        )


EVERYTHING = Wanted()
