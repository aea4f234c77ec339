"""PURE: what the Connection page says of the whole and of each stream."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from armguard_tray.connection.health import Coverage, Health, coverage_of, covers
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.state_words import (
    ago,
    app_words,
    retry_words,
    round_trip_words,
    state_line,
    stream_line,
    trouble_summary,
)

NO_CLOSE = "none in this run"
NO_EVENT = "none in this run"


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer in one sentence, and what to do about it."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CardWords:
    """What is said of one stream.

    Attributes:
        name: the stream.
        state: what it does and since when, with its sign.
        trouble: why it is not live, and when it tries again; empty if nothing is wrong.
        facts: name and value of each measured fact.

    """

    name: str
    state: str
    trouble: str
    facts: tuple[tuple[str, str], ...]


def headline(health: Health, now: datetime, zone: tzinfo | None = None) -> Headline:
    """Return the answer to "does it work?"."""
    if not health.streams:
        return Headline(state_line(health, now, zone), "Enter the server and an account on the page Server.")
    remedy = health.trouble.remedy if health.trouble and health.coverage is not Coverage.LIVE else ""
    return Headline(state_line(health, now, zone), plain(remedy))


@dataclass(frozen=True, slots=True)
class AppWords:
    """What is said of the server's live app, and what it warns of; both empty where there is none."""

    text: str
    warning: str


def server_app(app: LiveApp | None) -> AppWords:
    """Return what admins want to know of the server's live app."""
    if app is None:
        return AppWords("", "")
    version = f"version {app.version}" if app.version else ""
    why = app.why if app.real_time else ""
    parts = (app_words(app), version, why)
    return AppWords(" · ".join(part for part in parts if part), app.warning or "")


def card_words(facts: StreamFacts, now: datetime, zone: tzinfo | None = None) -> CardWords:
    """Return what is said of one stream."""
    last_event = NO_EVENT
    if facts.last_event is not None:
        last_event = _when(facts.last_event, now, zone)
    return CardWords(
        name=facts.stream.value.capitalize(),
        state=stream_line(facts, now, zone),
        trouble=_trouble(facts, now),
        facts=(
            ("Last event", last_event),
            ("Events", f"{facts.events:,}"),
            ("Round trip", round_trip_words(facts.round_trip)),
            ("Reconnects", str(facts.reconnects)),
            ("Last close", _last_close(facts, now, zone)),
        ),
    )


def _when(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    return f"{ago(moment, now)} ({moment.astimezone(zone):%d/%m/%y %H:%M:%S})"


def _last_close(facts: StreamFacts, now: datetime, zone: tzinfo | None) -> str:
    if not facts.last_close:
        return NO_CLOSE
    how = plain(facts.last_close)
    return f"{_when(facts.last_close_at, now, zone)}: {how}" if facts.last_close_at else how


def _trouble(facts: StreamFacts, now: datetime) -> str:
    if covers(facts) or coverage_of(facts) is Coverage.WAITING:
        return ""
    parts = [trouble_summary(facts.trouble) if facts.trouble else "cause unknown"]
    if facts.retry_at is not None:
        parts.append(retry_words(facts.retry_at, now))
    return " · ".join(parts)
