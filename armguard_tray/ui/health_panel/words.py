"""PURE: what the Connection page says of the whole and of each stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from armguard_tray.clock import in_zone
from armguard_tray.connection.explain import outcome
from armguard_tray.connection.health import Coverage, Health, coverage_of, covers
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.counting import counted
from armguard_tray.diagnosis.ladder import Cause, Diagnosis
from armguard_tray.diagnosis.record import Reconnect, StreamRecord
from armguard_tray.durations import length
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.state_words import ago, app_words, retry_words, stream_line, trouble_summary
from armguard_tray.ui.wording import stamp

ROUND_TRIP = "A round trip is how long the server takes to answer this desk, there and back."
_FINE = 0.01
"""Seconds below which a tenth of a millisecond says something."""


@dataclass(frozen=True, slots=True)
class StreamWords:
    """What is said of one stream.

    Attributes:
        name: the stream.
        state: what it does and since when, with its sign.
        trouble: why it is not live, and when it tries again; empty if nothing is wrong.
        came: how many events it had today, and when the last one came.
        round_trip: the last one.
        usual: how long half of them, and nearly all, take at most; empty if none is known.
        measured: what a round trip is, and the same in a sentence.
        chart: the same as what the chart shows.
        reconnects: how often it became live again.
        outages: the last of these, the newest first: when, for how long, why.

    """

    name: str
    state: str
    trouble: str
    came: str
    round_trip: str
    usual: str
    measured: str
    chart: str
    reconnects: str
    outages: tuple[str, ...]


def stream_words(
    facts: StreamFacts, record: StreamRecord, today: int | None, now: datetime, zone: tzinfo | None = None
) -> StreamWords:
    """Return what is said of one stream; `today` is how many events it had, None: not known."""
    usual, measured, chart = _usual(record)
    return StreamWords(
        name=facts.stream.value.capitalize(),
        state=stream_line(facts, now, zone),
        trouble=_trouble(facts, now, zone),
        came=f"{_today(today)} · {_last_event(facts.last_event, now)}",
        round_trip=f"round trip {_trip(facts.round_trip)}",
        usual=usual,
        measured=measured,
        chart=chart,
        reconnects=counted(record.reconnects, "reconnect"),
        outages=tuple(outage_words(each, now, zone) for each in record.last_reconnects),
    )


def outage_words(reconnect: Reconnect, now: datetime, zone: tzinfo | None = None) -> str:
    """Return when a stream was lost, for how long, and why: `09:26:40 · away for 12 s · 1006 …`."""
    lost = in_zone(reconnect.lost, zone)
    today = lost.date() == in_zone(now, zone).date()
    when = f"{lost:%H:%M:%S}" if today else stamp(reconnect.lost, zone)
    why = plain(outcome(reconnect.cause)) if reconnect.cause is not None else "cause unknown"
    return f"{when} · away for {length(reconnect.outage)} · {why}"


def server_app(app: LiveApp | None) -> str:
    """Return what admins want to know of the server's live app; empty where there is none."""
    if app is None:
        return ""
    version = f"version {app.version}" if app.version else ""
    return " · ".join(part for part in (app_words(app), version) if part)


def app_warning(app: LiveApp | None, diagnosis: Diagnosis | None) -> str:
    """Return what the server's live app warns of, unless the ladder says it."""
    warning = (app.warning if app is not None else None) or ""
    told = diagnosis is not None and any(warning in rung.evidence for rung in diagnosis.rungs)
    return "" if told else warning


def first_remedy(health: Health) -> str:
    """Return what to do by what the streams tell, for as long as nothing was looked at."""
    if not health.streams and health.trouble is None:
        return "Enter the server and an account on the page Server."
    return plain(health.trouble.remedy) if health.trouble and health.coverage is not Coverage.LIVE else ""


def checked_words(checked_at: datetime, verdict: str, zone: tzinfo | None) -> str:
    """Return the verdict and when it was found: `Failed · checked 11:26:40`."""
    return f"{verdict} · checked {in_zone(checked_at, zone):%H:%M:%S}"


def with_headline(causes: Sequence[Cause], headline: str) -> list[tuple[str, Cause]]:
    """Return each cause with the sentence to say above its remedy: none where the headline says it."""
    return [("" if cause.text in headline else cause.text, cause) for cause in causes]


def midnight(now: datetime, zone: tzinfo | None) -> datetime:
    """Return when this day began, aware."""
    day = in_zone(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    # Without a zone it is this desk's time, with the offset of that very moment.
    return day if zone is not None else day.replace(tzinfo=None).astimezone()


def _usual(record: StreamRecord) -> tuple[str, str, str]:
    """Return how long round trips usually take: in few words, in sentences, and as the chart shows it."""
    if record.p50 is None:
        return "", ROUND_TRIP, "No round trip was measured in the last hour."
    half, nearly_all = _trip(record.p50), _trip(record.p95)
    said = f"half of them within {half}, 95 of 100 within {nearly_all}"
    return (
        f"trips: half in {half}, 95 % in {nearly_all}",
        f"{ROUND_TRIP} In the last hour, {said}.",
        f"Round trips of the last hour, the longest of each minute; {said}",
    )


def _today(count: int | None) -> str:
    return "events today unknown" if count is None else f"{counted(count, 'event')} today"


def _last_event(last: datetime | None, now: datetime) -> str:
    return "none since the start" if last is None else f"last {ago(last, now)}"


def _trip(seconds: float | None) -> str:
    if seconds is None:
        return "not measured"
    return f"{seconds * 1000:.1f} ms" if seconds < _FINE else f"{seconds * 1000:,.0f} ms"


def _trouble(facts: StreamFacts, now: datetime, zone: tzinfo | None) -> str:
    if covers(facts) or coverage_of(facts) is Coverage.WAITING:
        return ""
    parts = [trouble_summary(facts.trouble) if facts.trouble else "cause unknown"]
    if facts.phase is Phase.BACKING_OFF and facts.ends:
        # What the last try met need not be so any more.
        parts.append(f"last seen {in_zone(facts.ends[-1].at, zone):%H:%M:%S}")
    if facts.retry_at is not None:
        parts.append(retry_words(facts.retry_at, now))
    return " · ".join(parts)
