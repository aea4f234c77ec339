"""PURE: the state of the connection in words, the same in tray, tooltip, status bar and Connection page.

Times are this desk's. What is not known is said to be unknown.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from armguard_tray.connection.health import Coverage, Health, coverage_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import Phase, StreamFacts, Trouble
from armguard_tray.durations import length
from armguard_tray.messages.plain_text import plain
from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.wording import since

# Windows cuts a tooltip after 127 characters (NOTIFYICONDATAW.szTip); what matters most stands first.
MAX_TOOLTIP = 127
MORNING = time(6)

_NO_MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a"})

# A sign each, told apart by shape.
SIGNS = {
    Coverage.LIVE: "●",
    Coverage.DELAYED: "◑",
    Coverage.WAITING: "◔",
    Coverage.OFFLINE: "○",
    Coverage.NEEDS_YOU: "▲",
}
_DOING = {
    Phase.IDLE: "Not started",
    Phase.LOGGING_IN: "Logging in",
    Phase.CONNECTING: "Connecting",
    Phase.LIVE: "Live",
    Phase.BACKING_OFF: "Offline",
    Phase.REFUSED: "Refused",
    Phase.STOPPED: "Stopped",
}


_ARRIVES = frozenset({Coverage.LIVE, Coverage.DELAYED})
_LAYERS = {"redis": "Redis", "memory": "in-memory", "none": "no channel layer"}


class TrayState(StrEnum):
    """The forms of the tray icon."""

    LIVE = "live"
    WAITING = "waiting"
    OFFLINE = "offline"
    PAUSED = "paused"
    NEEDS_YOU = "needs you"

    @property
    def icon(self) -> str:
        """The name of its drawing."""
        return self.value.replace(" ", "-")


def is_paused(paused_until: datetime | None, now: datetime) -> bool:
    """Tell whether toasts are held back now."""
    return paused_until is not None and now < paused_until


def tray_state(health: Health, paused_until: datetime | None, now: datetime) -> TrayState:
    """Return the form of the tray icon; a pause never hides that the connection is not well."""
    if health.coverage is Coverage.LIVE and is_paused(paused_until, now):
        return TrayState.PAUSED
    if _lacks_server(health):
        return TrayState.NEEDS_YOU
    # The clock of what waits: all comes, but not at once.
    return TrayState.WAITING if health.coverage is Coverage.DELAYED else TrayState(health.coverage.value)


def state_line(health: Health, now: datetime, zone: tzinfo | None = None, claims: Sequence[str] = ()) -> str:
    """Return the state in one line: `○ Offline for 4 min · server refused the connection · retry in 12 s`.

    It holds lengths of time, so it is for places that are drawn anew while they are seen. `zone` is this
    desk's unless a test says otherwise. `claims` say how complete the log is.
    """
    sign = SIGNS[Coverage.NEEDS_YOU if _lacks_server(health) else health.coverage]
    # Of no server there is nothing to claim.
    parts = _line_parts(health, now, zone, claims if health.streams else ())
    return f"{sign} {_joined(parts)}"


def tooltip(  # noqa: PLR0913 - all that it tells of
    health: Health,
    paused_until: datetime | None,
    unread: int,
    now: datetime,
    zone: tzinfo | None = None,
    *,
    claims: Sequence[str] = (),
) -> str:
    """Return the tray's tooltip; it holds points in time, which stay true while nobody renews it.

    Only "2 min ago" grows old, by a minute at most. No markup: some desktops would take it as such. `claims`
    say how complete the log is.
    """
    parts = [f"ArmGuard: {_lower_first(_state(health, f'since {_at(health.since, now, zone)}'))}"]
    parts += _trouble_parts(health)
    arrives = health.coverage in _ARRIVES
    if health.retry_at is not None and not arrives and not _trying(health):
        parts.append(f"next try {_clock(health.retry_at, zone)}")
    if arrives:
        parts += _warning_parts(health)
    if health.streams:
        parts += claims
    if arrives:
        parts.append(last_event_words(health.last_event, now))
    if is_paused(paused_until, now):
        parts.append(_lower_first(pause_words(paused_until, now, zone)))
    if unread > 0:
        parts.append(f"{unread:,} unread")
    text = _joined(parts).translate(_NO_MARKUP)
    return text if len(text) <= MAX_TOOLTIP else text[: MAX_TOOLTIP - 1] + "…"


def stream_line(facts: StreamFacts, now: datetime, zone: tzinfo | None = None) -> str:
    """Return what one stream is doing, with its sign: `● Live since 07:58`."""
    # Open and alive, but this desk cannot take what comes: that is not called live.
    held_up = facts.phase is Phase.LIVE and facts.trouble is not None
    doing = "Held up" if held_up else _DOING[facts.phase]
    if coverage_of(facts) is Coverage.DELAYED:
        doing = "Delayed"
    if facts.phase is Phase.LIVE and not held_up:
        how_long = f"since {_at(facts.since, now, zone)}"
    else:
        began = facts.troubled_since if held_up else None
        how_long = f"for {length(now - (began or facts.since))}"
    again = ", trying again" if facts.trouble and facts.phase in {Phase.LOGGING_IN, Phase.CONNECTING} else ""
    return f"{SIGNS[coverage_of(facts)]} {doing} {how_long}{again}"


def retry_words(retry_at: datetime | None, now: datetime) -> str:
    """Return when the next attempt is made: `retry in 12 s`."""
    if retry_at is None:
        return "no retry planned"
    return f"retry in {length(retry_at - now)}" if retry_at > now else "retrying now"


def last_event_words(last_event: datetime | None, now: datetime) -> str:
    """Return when the last event came: `last event 2 min ago`."""
    return "no event since the start" if last_event is None else f"last event {ago(last_event, now)}"


def ago(when: datetime, now: datetime) -> str:
    """Return how long ago something was: `2 min ago`."""
    return "just now" if now - when < timedelta(seconds=1) else f"{length(now - when)} ago"


def round_trip_words(seconds: float | None) -> str:
    """Return a round trip in milliseconds: `3 ms`."""
    if seconds is None:
        return "not measured"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 1 else f"{milliseconds:.1f} ms"


def app_words(app: LiveApp | None) -> str:
    """Return that the server's live app is used, and on what it stands: `ArmGuard live app, Redis`."""
    if app is None:
        return ""
    if not app.in_use:
        return "ArmGuard live app not in use"
    if not app.real_time:
        return "ArmGuard live app, real time off"
    return f"ArmGuard live app, {_LAYERS.get(app.layer, 'channel layer unknown')}"


def _warning_parts(health: Health) -> list[str]:
    """Say in a few words what the server's app warns of; the Connection page has its own words."""
    app = health.app
    if app is None or not app.warning:
        return []
    if not app.in_use:
        return ["⚠ the server's live app does not work"]
    return [f"⚠ the server warns of its channel layer ({_LAYERS.get(app.layer, 'unknown')})"]


def account_words(server: ServerSettings) -> str:
    """Return which server, as whom: `armory.local:8443 · as sgt.reyes`; empty while none is set up."""
    if not server.configured:
        return ""
    return plain(f"{server.base_url.partition('://')[2]} · as {server.username}")


def pause_words(paused_until: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """Return whether toasts are held back: `Toasts paused until 12:30`."""
    if paused_until is None or not is_paused(paused_until, now):
        return "Toasts are not paused"
    return f"Toasts paused until {_at(paused_until, now, zone)}"


def tomorrow_morning(now: datetime) -> datetime:
    """Return 06:00 of this desk's next day, aware."""
    tomorrow = now.astimezone().date() + timedelta(days=1)
    # Without a zone it is this desk's time, with the offset of that very day.
    return datetime.combine(tomorrow, MORNING).astimezone()


def _line_parts(health: Health, now: datetime, zone: tzinfo | None, claims: Sequence[str]) -> list[str]:
    if health.coverage in _ARRIVES:
        return [
            _state(health, f"since {_at(health.since, now, zone)}"),
            *_trouble_parts(health),
            *_warning_parts(health),
            *claims,
            last_event_words(health.last_event, now),
        ]
    if health.coverage is Coverage.NEEDS_YOU:
        return [_state(health, f"since {_at(health.since, now, zone)}"), *_trouble_parts(health), *claims]
    parts = [_state(health, f"for {length(now - health.since)}"), *_trouble_parts(health)]
    waits = any(facts.phase is not Phase.LIVE for facts in _worst(health))
    if health.coverage is Coverage.OFFLINE and waits and not _trying(health):
        parts.append(retry_words(health.retry_at, now))
    return [*parts, *claims]


def _state(health: Health, how_long: str) -> str:
    """Return the state and how long it has been so; how many streams it concerns, if not all."""
    if _lacks_server(health):
        return "Needs you"
    if not health.streams and health.trouble is None:
        return "Starting"
    worst = _worst(health)
    word = {
        Coverage.LIVE: "live",
        Coverage.DELAYED: "delayed",
        Coverage.WAITING: _DOING[worst[0].phase].lower() if worst else "starting",
        Coverage.OFFLINE: "stopped" if all(facts.phase is Phase.STOPPED for facts in worst) else "offline",
        Coverage.NEEDS_YOU: "needs you",
    }[health.coverage]
    if len(worst) < len(health.streams):
        return f"{len(worst)} of {len(health.streams)} streams {word} {how_long}"
    return f"{word.capitalize()} {how_long}"


def _trouble_parts(health: Health) -> list[str]:
    if _lacks_server(health):
        return ["no server set up"]
    nothing_to_say = not health.streams and health.trouble is None
    if health.coverage in {Coverage.LIVE, Coverage.WAITING} or nothing_to_say:
        return []
    parts = []
    if health.trouble is not None:
        parts.append(trouble_summary(health.trouble))
    elif not all(facts.phase is Phase.STOPPED for facts in _worst(health)):
        parts.append("cause unknown")
    return [*parts, "trying again now"] if _trying(health) else parts


def _lacks_server(health: Health) -> bool:
    return health.coverage is Coverage.OFFLINE and not health.streams and health.trouble is None


def trouble_summary(trouble: Trouble) -> str:
    """Return the few words of a trouble, fit to show: part of it may be the server's."""
    return plain(trouble.summary).rstrip(".")


def trouble_sentences(trouble: Trouble) -> str:
    """Return a trouble and its remedy as sentences: `Server does not answer. Is it on?`."""
    summary = trouble_summary(trouble)
    return f"{summary[:1].upper()}{summary[1:]}. {plain(trouble.remedy)}".strip()


def _worst(health: Health) -> Sequence[StreamFacts]:
    return [facts for facts in health.streams if coverage_of(facts) is health.coverage]


def _trying(health: Health) -> bool:
    return health.coverage is Coverage.OFFLINE and any(
        facts.phase in {Phase.LOGGING_IN, Phase.CONNECTING} for facts in _worst(health)
    )


def _at(when: datetime, now: datetime, zone: tzinfo | None) -> str:
    return since(when, now, zone or _desk_zone(when))


def _clock(when: datetime, zone: tzinfo | None) -> str:
    return f"{when.astimezone(zone):%H:%M:%S}"


def _desk_zone(when: datetime) -> tzinfo:
    """Return this desk's offset as it was or will be then."""
    zone = when.astimezone().tzinfo
    assert zone is not None  # noqa: S101 - astimezone() always sets one
    return zone


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)
