"""The verdict: what the functional tests say of each promise. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from armguard_tray.server.management.checkup.findings import plain

State = Literal["good", "bad", "unknown", "not used"]

LAYER_PROMISE: Final = "The channel layer is as it was chosen"
# Promise -> the checks of `manage.py check_websockets` that prove it, by how their names begin.
PROMISES: Final[dict[str, tuple[str, ...]]] = {
    "The app is in place": ("settings", "database tables", "server process"),
    LAYER_PROMISE: ("channel layer of the server",),
    "Sockets open, and only for those they should": ("handshake",),
    "Every process hears every announcement": ("broadcast",),
    "Nothing is lost after an interruption": ("resume",),
    "What was missed can be fetched over HTTP": ("events over HTTP",),
    "A user has so many connections and no more": ("limit", "replaced"),
    "Errors have their codes, and hurt nobody else": ("garbage", "flood"),
    "ArmGuard's own pages hear everything": ("stock",),
    "The status page answers": ("status page",),
}
# The checks that can break a promise, but by themselves do not prove it.
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    LAYER_PROMISE: ("channel layer",),
    "Every process hears every announcement": ("second server process",),
}
# Of several checks, the one whose own words are worth reading where all is good.
_TELLING: Final = "broadcast across processes"
# What to do where the check's own words do not say it.
_ADVICE: Final[dict[str, str]] = {
    "Every process hears every announcement": "see that all processes use the same database and Redis",
}
# What the checks tell those who write the settings by hand; here the block does.
_BY_HAND: Final = {'channel_layers(use="memory")': "--layer=memory"}
_SWITCHED_OFF: Final = "REAL_TIME"
_WIDTH: Final = 8


@dataclass(frozen=True, slots=True)
class Check:
    """What one functional test found."""

    name: str
    verdict: str
    detail: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """The verdict on one promise.

    Attributes:
        promise: in words.
        state: `not used` where the project has no such part, or it is switched off.
        note: what was seen, or what is wrong and what to do.

    """

    promise: str
    state: State
    note: str

    @property
    def text(self) -> str:
        """The line as it is printed."""
        return f"{self.state:<{_WIDTH}} {self.promise}" + (f": {self.note}" if self.note else "")


def read_report(output: str) -> list[Check] | None:
    """Read what `check_websockets --json` printed among other things; None if it printed none."""
    for line in reversed(output.splitlines()):
        if line.startswith('{"'):
            try:
                return [_check(each) for each in json.loads(line)["checks"]]
            except (ValueError, KeyError, TypeError):
                return None
    return None


def judged(checks: Sequence[Check], layer_advice: str = "") -> list[Line]:
    """Return a line for every promise, and one for what belongs to none of them.

    `layer_advice` says what to do if the channel layer is bad.
    """
    advice = {LAYER_PROMISE: layer_advice, **_ADVICE}
    # Then what was skipped is not switched off: nobody knows how it is.
    untold: State = "unknown" if _verdict_of("handshake", checks) == "bad" else "not used"
    lines = []
    rest = list(checks)
    for promise, starts in PROMISES.items():
        own = [check for check in rest if check.name.startswith((*starts, *_NEEDED.get(promise, ())))]
        rest = [check for check in rest if check not in own]
        proofs = [check for check in own if check.name.startswith(starts)]
        lines.append(_line(promise, own, proofs, advice.get(promise, ""), untold))
    return lines + ([_line("Everything else", rest, rest, "", untold)] if rest else [])


def is_switched_off(checks: Iterable[Check]) -> bool:
    """Tell whether checks were skipped since real time is off."""
    return any(check.verdict == "skipped" and _SWITCHED_OFF in check.detail for check in checks)


def _line(promise: str, checks: Sequence[Check], proofs: Sequence[Check], advice: str, untold: State) -> Line:
    bad = [check for check in checks if check.verdict == "bad"]
    if bad:
        seen = "; ".join(f"{check.name}: {_for_the_block(check.detail)}" for check in bad)
        return Line(promise, "bad", f"{seen.rstrip('.')}. To do: {advice}" if advice else seen)
    unclear = [check for check in checks if check.verdict == "unknown"]
    if unclear:
        return Line(promise, "unknown", "; ".join(f"{check.name}: {check.detail}" for check in unclear))
    if not proofs:
        return Line(
            promise, "unknown", "this was not tested; mend what is bad, or run `manage.py check_websockets`"
        )
    skipped = [check.detail for check in proofs if check.verdict != "good"]
    if skipped:
        return Line(promise, untold, "; ".join(dict.fromkeys(skipped)))
    seconds = sum(check.seconds or 0 for check in checks)
    told = [
        check.detail
        for check in checks
        if len(checks) == 1 or check.name == _TELLING or check.detail.startswith("warning")
    ]
    return Line(promise, "good", "; ".join([*told, f"tested in {seconds:.1f} s"]))


def _for_the_block(detail: str) -> str:
    for by_hand, option in _BY_HAND.items():
        detail = detail.replace(by_hand, option)
    return detail


def _verdict_of(name: str, checks: Iterable[Check]) -> str | None:
    return next((check.verdict for check in checks if check.name == name), None)


def _check(found: dict[str, Any]) -> Check:
    return Check(plain(found["name"]), found["verdict"], plain(found["detail"]), found["seconds"])
