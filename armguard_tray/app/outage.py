"""PURE: what people are told of an outage: once that it is there, once that it is over and what was missed.

::

              not covered              N seconds
    COVERED ───────────────► OUT ────────────────────► TOLD
       ▲                     │ ▲                       │ ▲
       │             covered │ │ not covered   covered │ │ not covered
       │                     ▼ │ (untold)              ▼ │ (told)
       └─────────────────── SETTLING ◄─────────────────┴─┘
          what was missed is known, or it takes too long

    OUT, TOLD, SETTLING ── only the user can help ──► HELP: it has a toast of its own

What was missed is summed up in the toast that tells that it is over; of an outage that was too short to be
told, that is the only toast. Where one stream stays away long, what the others brought is not held that long.

A pause holds all of it back; the tray shows the outage meanwhile. What lasts longer than the pause is told
after it. Not before the first connection either is anybody left waiting in silence.
"""

from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from enum import StrEnum

from armguard_tray.catchup.completeness import Completeness
from armguard_tray.clock import Moment
from armguard_tray.connection.health import Coverage, Health
from armguard_tray.connection.phase import Phase
from armguard_tray.counting import counted
from armguard_tray.durations import rounded_length
from armguard_tray.messages.event import Category
from armguard_tray.messages.streams import DEFAULT_STREAMS
from armguard_tray.rules import storm
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.ui.wording import since

SETTLES_WITHIN = 20.0
"""Seconds that are waited, after the connection is back, to know what was missed and what still is."""
QUIET = 1.0
"""Seconds without news after which what is known is taken to be all: it comes in parts, by several ways."""
HELD_FOR = 60.0
"""Seconds for which what was missed waits for an outage that goes on."""
_COVERED = frozenset({Coverage.LIVE, Coverage.DELAYED})


class Stage(StrEnum):
    """Where an outage stands; see the diagram above."""

    COVERED = "covered"
    OUT = "out"
    TOLD = "told"
    SETTLING = "settling"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be shown; plain text.

    Attributes:
        title, body: the text.
        is_over: whether it takes the place of the one that told of the outage.
        missed: what it sums up, if anything.

    """

    title: str
    body: str
    is_over: bool = False
    missed: Summary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """What is known of the outage that there is, or was just now.

    Attributes:
        stage: where it stands.
        health: the last that was seen; None before the first.
        began: when it began.
        waits_since: from when on it is waited until people are told.
        back: when the connection was back.
        was_told: whether people were told of it.
        was_live: whether the server was ever connected before it.
        gaps: how many gaps were found since it began.
        missed: what was missed and is not told yet.
        held_since: since when that waits.
        news: when something was last heard of what was missed.

    """

    stage: Stage = Stage.COVERED
    health: Health | None = None
    began: Moment | None = None
    waits_since: Moment | None = None
    back: Moment | None = None
    was_told: bool = False
    was_live: bool = False
    gaps: int = 0
    missed: Summary | None = None
    held_since: Moment | None = None
    news: Moment | None = None

    def see(self, health: Health, now: Moment) -> "Outage":
        """Take how the connection is now."""
        if not health.streams and health.coverage is not Coverage.NEEDS_YOU:
            return self.forgotten()  # no server is followed
        seen = replace(self, health=health)
        if health.coverage in _COVERED:
            return _covered(seen, now)
        if health.coverage is Coverage.NEEDS_YOU:
            return seen if seen.began is None else replace(seen, stage=Stage.HELP)
        return _uncovered(seen, now)

    def found(self, gaps: int, now: Moment) -> "Outage":
        """Take that so many gaps were found."""
        return replace(self, gaps=self.gaps + gaps, news=now)

    def summed_up(self, summary: Summary, now: Moment) -> "Outage":
        """Take what was missed; it waits for the outage to be over, if there is one."""
        missed = storm.joined(self.missed, summary)
        return replace(self, missed=missed, held_since=self.held_since or now, news=now)

    def noted(self, now: Moment) -> "Outage":
        """Take that more is known now of what was missed."""
        return replace(self, news=now)

    def forgotten(self) -> "Outage":
        """Take that the server is not followed any more; what was missed of it is still to be told."""
        return Outage(missed=self.missed, held_since=self.held_since)

    def told(self) -> "Outage":
        """Take that people have been told of it."""
        return replace(self, stage=Stage.TOLD, was_told=True)

    def over(self) -> "Outage":
        """Take that there is nothing more to tell of it."""
        return Outage(health=self.health, was_live=True)

    def said(self) -> "Outage":
        """Take that there is nothing more to tell of what was missed up to now."""
        if self.stage is Stage.SETTLING:
            return self.over()
        return replace(self, missed=None, held_since=None)

    def wait(self, now: Moment, *, after: float, completeness: Completeness) -> float | None:
        """Return the seconds until something is to be told; None: nothing is, as things stand.

        Args:
            now: the time.
            after: seconds after which an outage is told.
            completeness: what is known of the log.

        """
        ends = (self._tells_outage_at(after), self._tells_missed_at(completeness))
        at = min((each for each in ends if each is not None), default=None)
        return None if at is None else max(0.0, at - now.monotonic)

    def _tells_outage_at(self, after: float) -> float | None:
        """Return when it is told that there is an outage, monotonic seconds."""
        waits = self.stage is Stage.OUT and self.waits_since is not None
        return self.waits_since.monotonic + after if waits and self.waits_since is not None else None

    def _tells_missed_at(self, completeness: Completeness) -> float | None:
        """Return when it is told what was missed, monotonic seconds."""
        if self.stage is Stage.SETTLING and self.back is not None:
            latest = self.back.monotonic + SETTLES_WITHIN
            is_known = self._is_fetched(completeness) and (self.gaps > 0 or self._is_resumed)
            news = max(self.back.monotonic, self.news.monotonic if self.news is not None else 0.0)
            return min(latest, news + QUIET) if is_known else latest
        if self.held_since is None:
            return None
        return self.held_since.monotonic + (0.0 if self.stage is Stage.COVERED else HELD_FOR)

    def _is_fetched(self, completeness: Completeness) -> bool:
        """Tell whether the transactions that were missed are here: perhaps the server has none at all."""
        if completeness.is_current or self.back is None:
            return completeness.is_current
        is_empty = completeness.complete_to is None and not completeness.failure
        return is_empty and completeness.checked is not None and completeness.checked >= self.back.wall

    @property
    def _is_resumed(self) -> bool:
        """Whether nothing can have been missed but transactions, of which the history tells."""
        streams = self.health.streams if self.health is not None else ()
        return all(
            facts.resumed
            for facts in streams
            if facts.stream in DEFAULT_STREAMS and facts.phase is Phase.LIVE
        )

    def notice(
        self, now: Moment, completeness: Completeness, zone: tzinfo | None
    ) -> Notice | Single | Summary | None:
        """Return what is to be told now that something is due, if it is; times are those of `zone`.

        A notice tells of the outage, the others only of what was missed.
        """
        missed = self.missed
        if self.stage is Stage.SETTLING and self.was_told:
            return Notice(self._over_title(), self._aftermath(completeness), is_over=True, missed=missed)
        held = self._tells_missed_at(completeness)
        if held is not None and held <= now.monotonic:
            return None if missed is None else storm.as_toast(missed)
        return self._lost(now, zone)

    def _lost(self, now: Moment, zone: tzinfo | None) -> Notice:
        trouble = self.health.trouble if self.health is not None else None
        why = trouble.summary if trouble is not None else "the connection is being made"
        why = f"{why[:1].upper()}{why[1:]}. It is tried again by itself."
        if not self.was_live:
            return Notice("Not connected to ArmGuard yet", why)
        began = self.began.wall if self.began is not None else now.wall
        return Notice("ArmGuard events do not arrive", f"Since {since(began, now.wall, zone)}: {_lower(why)}")

    def _over_title(self) -> str:
        if not self.was_live or self.began is None or self.back is None:
            return "Connected to ArmGuard"
        return f"Connected again after {rounded_length(_between(self.began, self.back))}"

    def _aftermath(self, completeness: Completeness) -> str:
        """Return what was missed, as far as is known; and, only where it is so, that more may come."""
        if self.missed is not None:
            more = "" if self._is_fetched(completeness) else f" {_to_come('More', completeness.failure)}"
            return f"{_words(self.missed)}{more}"
        if not self._is_fetched(completeness):
            return _to_come("What happened meanwhile", completeness.failure)
        if self.gaps:
            remain = f"{counted(self.gaps, 'gap')} {'remains' if self.gaps == 1 else 'remain'} in the log."
            return f"What the server still has of it has been fetched. {remain}"
        return f"{'What' if self._is_resumed else 'Which transactions'} happened meanwhile has been fetched."


def _words(missed: Summary) -> str:
    event = missed.last.event
    if missed.count > 1:
        return f"{missed.title}: {missed.text}."
    return f"{event.title}." if event.category is Category.GAP else f"{missed.title}: {event.title}."


def _to_come(what: str, failure: str) -> str:
    """Return a sentence on what is not known yet."""
    return f"{what} could not be looked up yet: {failure}." if failure else f"{what} is being fetched."


def _covered(outage: Outage, now: Moment) -> Outage:
    if outage.stage is Stage.COVERED:
        return replace(outage, was_live=True)
    return outage if outage.stage is Stage.SETTLING else replace(outage, stage=Stage.SETTLING, back=now)


def _uncovered(outage: Outage, now: Moment) -> Outage:
    match outage.stage:
        case Stage.COVERED:
            return replace(outage, stage=Stage.OUT, began=now, waits_since=now, gaps=0)
        case Stage.HELP:
            # What it waits for now is another thing than what the user was asked for.
            return replace(outage, stage=Stage.OUT, waits_since=now)
        case Stage.SETTLING if outage.was_told:
            return replace(outage, stage=Stage.TOLD)
        case Stage.SETTLING:
            return replace(outage, stage=Stage.OUT, waits_since=now, was_live=True)
        case _:
            return outage


def _between(began: Moment, back: Moment) -> timedelta:
    # Sleep counts only on the wall's clock, on some systems; that clock may have been set back, too.
    return max(back.wall - began.wall, timedelta(seconds=back.monotonic - began.monotonic))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
