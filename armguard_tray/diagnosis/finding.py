"""PURE: a rung with what is to be done about it, before it is known what hides it."""

from dataclasses import dataclass
from datetime import datetime

from armguard_tray.diagnosis.ladder import Cause, Rung, RungId, Status
from armguard_tray.messages.plain_text import plain

_BETWEEN = " · "
NOT_LOOKED_AT = "not looked at"

_NAMES = {
    RungId.NAME: "Name",
    RungId.TCP: "TCP",
    RungId.TLS: "TLS",
    RungId.HTTP: "HTTP",
    RungId.CLOCK: "Clock",
    RungId.PASSWORD: "Password",
    RungId.LOGIN: "Login",
    RungId.SESSION: "Session",
    RungId.HANDSHAKE: "Handshake",
    RungId.SUBSCRIBED: "Subscription",
    RungId.LAST_EVENT: "Last event",
    RungId.COMPLETE: "Complete",
    RungId.LAYER: "Channel layer",
    RungId.REDIS: "Redis",
    RungId.TOASTS: "Toasts",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rung by its own facts.

    Attributes:
        rung: how it is.
        causes: what is wrong with it, the most important first.
        stands: whether its evidence stands on its own, so that no failed rung below makes it unknowable: a
            live stream needs no name to be resolved.

    """

    rung: Rung
    causes: tuple[Cause, ...] = ()
    stands: bool = False


def finding(  # noqa: PLR0913 - the parts of a rung
    rung: RungId,
    status: Status,
    evidence: str,
    *causes: Cause,
    of: str = "",
    since: datetime | None = None,
    ms: float | None = None,
    stands: bool = False,
) -> Finding:
    """Return the finding of `rung`; `of` names its stream, where each has its own."""
    made = Rung(
        id=f"{rung}:{of}" if of else rung.value,
        name=f"{_NAMES[rung]} of {of}" if of else _NAMES[rung],
        status=status,
        evidence=plain(evidence),
        since=since,
        ms=ms,
        code=causes[0].code if causes else None,
    )
    return Finding(made, causes, stands)


def unseen(rung: RungId, evidence: str = NOT_LOOKED_AT, *, of: str = "") -> Finding:
    """Return the finding of a rung that nothing is known of."""
    return finding(rung, Status.UNKNOWN, evidence, of=of)


def joined(*parts: str) -> str:
    """Return the parts that there are, one after the other, each once."""
    said = [each for part in parts for each in part.split(_BETWEEN) if each]
    return _BETWEEN.join(dict.fromkeys(said))
