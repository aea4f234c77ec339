"""PURE: what a reader must know before trusting that there is nothing newer than what the log shows."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from armguard_tray.connection.failures import FailureKind
from armguard_tray.connection.health import Coverage, Health, covers
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.diagnosis.moments import Moments
from armguard_tray.diagnosis.next_try import next_try
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.wording import since

_ON_THE_WAY = {FailureKind.NAME, FailureKind.REFUSED, FailureKind.TIMED_OUT, FailureKind.UNREACHABLE}


class Remedy(Enum):
    """What the reader can do about it at once; the value is what the button says."""

    SETTINGS = "Settin&gs…"
    RECONNECT = "Reconn&ect now"


@dataclass(frozen=True, slots=True)
class NotLive:
    """That nothing new arrives.

    Attributes:
        headline: what is the matter, one sentence.
        explanation: why, and what to do; may be empty.
        remedy: what to offer.

    """

    headline: str
    explanation: str
    remedy: Remedy


def not_live(health: Health | None, now: datetime, zone: tzinfo | None) -> NotLive | None:
    """Return what to tell the reader; None while all that happens arrives.

    A connection that is being made for the first time is no fault: the state line says so.
    """
    if health is None or health.coverage in {Coverage.LIVE, Coverage.DELAYED, Coverage.WAITING}:
        return None
    if not health.streams:
        return NotLive(
            "No server is set up, so nothing arrives.",
            "Enter its address in the settings.",
            Remedy.SETTINGS,
        )
    begun = since(health.since, now, zone)
    which = _missing_streams(health)
    subject = f"What the server sends on {which}" if which else "This log"
    headline = f"{subject} has not been live since {begun}: what happens now is not shown."
    needs_you = health.coverage is Coverage.NEEDS_YOU
    explanation = _told(health) if needs_you else _waiting(health, Moments(now, zone)) or _told(health)
    return NotLive(headline, explanation, Remedy.SETTINGS if needs_you else Remedy.RECONNECT)


def _told(health: Health) -> str:
    trouble = health.trouble
    return "" if trouble is None else f"{_sentence(plain(trouble.summary))} {trouble.remedy}".strip()


def _waiting(health: Health, moments: Moments) -> str:
    """Return when it is tried again, and how the last try went: what failed a while ago may be over."""
    waiting = [facts for facts in health.streams if facts.phase is Phase.BACKING_OFF and facts.ends]
    if not waiting or health.trouble is None:
        return ""
    soonest = min(waiting, key=lambda facts: facts.retry_at or moments.now)
    remedy = "" if _is_reached(health, soonest) else health.trouble.remedy
    return f"{_sentence(f'It {next_try(soonest, moments)}')} {remedy}".strip()


def _is_reached(health: Health, facts: StreamFacts) -> bool:
    """Tell whether a live stream shows that what kept this one from the server is over."""
    how = facts.ends[-1].how
    return getattr(how, "kind", None) in _ON_THE_WAY and any(covers(each) for each in health.streams)


def _missing_streams(health: Health) -> str:
    """Name the streams that are not live, where some others are."""
    missing = [facts.stream.value for facts in health.streams if not covers(facts)]
    return " and ".join(missing) if len(missing) < len(health.streams) else ""


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?" else f"{text}."
