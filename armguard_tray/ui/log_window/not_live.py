"""PURE: what a reader must know before trusting that there is nothing newer than what the log shows."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from armguard_tray.connection.health import Coverage, Health, covers
from armguard_tray.messages.plain_text import plain
from armguard_tray.ui.wording import since


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
    trouble = health.trouble
    explanation = "" if trouble is None else f"{_sentence(plain(trouble.summary))} {trouble.remedy}".strip()
    needs_you = health.coverage is Coverage.NEEDS_YOU
    return NotLive(headline, explanation, Remedy.SETTINGS if needs_you else Remedy.RECONNECT)


def _missing_streams(health: Health) -> str:
    """Name the streams that are not live, where some others are."""
    missing = [facts.stream.value for facts in health.streams if not covers(facts)]
    return " and ".join(missing) if len(missing) < len(health.streams) else ""


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?" else f"{text}."
