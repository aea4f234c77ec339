"""PURE: from the facts of each stream to the one answer, "am I covered?"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from armguard_tray.connection.explain import REAL_TIME_OFF
from armguard_tray.connection.live_app import LiveApp, Way, way_to
from armguard_tray.connection.phase import Phase, StreamFacts, Trouble


class Coverage(StrEnum):
    """Whether events reach this desk now; the worst of its streams."""

    LIVE = "live"
    DELAYED = "delayed"
    """All events come, but only when they are looked for: real time is switched off on the server."""
    WAITING = "waiting"
    OFFLINE = "offline"
    NEEDS_YOU = "needs you"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the whole connection.

    Attributes:
        coverage: the worst of the streams.
        since: when that began, aware; for live, when the last stream became so; for an outage, not the last
            attempt but when the trouble began.
        streams: the facts it is made of.
        trouble: what is wrong with the worst stream.
        retry_at: the next attempt, the earliest of all streams.
        last_event: when the last event arrived on any stream.
        app: the server's live app, as it describes itself; None where there is none.

    """

    coverage: Coverage
    since: datetime
    streams: tuple[StreamFacts, ...]
    trouble: Trouble | None = None
    retry_at: datetime | None = None
    last_event: datetime | None = None
    app: LiveApp | None = None


_COVERAGE = {
    Phase.LIVE: Coverage.LIVE,
    Phase.IDLE: Coverage.WAITING,
    Phase.LOGGING_IN: Coverage.WAITING,
    Phase.CONNECTING: Coverage.WAITING,
    Phase.BACKING_OFF: Coverage.OFFLINE,
    Phase.STOPPED: Coverage.OFFLINE,
    Phase.REFUSED: Coverage.NEEDS_YOU,
}
_WORST_FIRST = (Coverage.NEEDS_YOU, Coverage.OFFLINE, Coverage.WAITING, Coverage.DELAYED, Coverage.LIVE)
_WELL = frozenset({Coverage.LIVE, Coverage.DELAYED})


def coverage_of(facts: StreamFacts) -> Coverage:
    """Return whether one stream covers the desk.

    A stream that is trying again after it failed stays what it was until it is live: a desk whose server is
    down must not look as if it were about to work each time it knocks. A live one that is in trouble is held
    up by this desk: nothing of it is shown.
    """
    if facts.trouble is not None and facts.phase in {Phase.LOGGING_IN, Phase.CONNECTING, Phase.LIVE}:
        return Coverage.OFFLINE if facts.trouble.need is None else Coverage.NEEDS_YOU
    if facts.phase is Phase.LIVE and way_to(facts.app) is Way.POLLED:
        return Coverage.DELAYED
    return _COVERAGE[facts.phase]


def covers(facts: StreamFacts) -> bool:
    """Tell whether all events of a stream reach this desk, at once or a little later."""
    return coverage_of(facts) in _WELL


def starting(now: datetime) -> Health:
    """Return the health before anything is known of any stream."""
    return Health(Coverage.WAITING, now, ())


def health_of(streams: Sequence[StreamFacts], now: datetime) -> Health:
    """Return the health of all streams together; with none (no server set up) it is offline since `now`."""
    if not streams:
        return Health(Coverage.OFFLINE, now, ())
    worst = min((coverage_of(facts) for facts in streams), key=_WORST_FIRST.index)
    of_worst = [facts for facts in streams if coverage_of(facts) is worst]
    # All are needed to be live, so live began with the last of them; any other state with its first.
    since = (max if worst in _WELL else min)(facts.troubled_since or facts.since for facts in of_worst)
    return Health(
        coverage=worst,
        since=since,
        streams=tuple(streams),
        trouble=REAL_TIME_OFF
        if worst is Coverage.DELAYED
        else next((facts.trouble for facts in of_worst if facts.trouble), None),
        retry_at=min((facts.retry_at for facts in streams if facts.retry_at), default=None),
        last_event=max((facts.last_event for facts in streams if facts.last_event), default=None),
        app=next((facts.app for facts in streams if facts.app), None),
    )
