"""The verdict: what the functional tests say of each promise. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

State = Literal["good", "bad", "unknown", "not used"]

# Promise -> the checks of `manage.py check_websockets` that show it, by how their names begin.
PROMISES: Final[dict[str, tuple[str, ...]]] = {
    "The app is in place": ("settings", "database tables", "server process"),
    "The channel layer is as it was chosen": ("channel layer",),
    "Sockets open, and only for those they should": ("handshake",),
    "Every process hears every announcement": ("broadcast", "second server process"),
    "Nothing is lost after an interruption": ("resume", "events over HTTP"),
    "A user has so many connections and no more": ("limit", "replaced"),
    "Errors have their codes, and hurt nobody else": ("garbage", "flood"),
    "ArmGuard's own pages hear everything": ("stock",),
    "The status page answers": ("status page",),
}
# What to do where the check's own words do not say it.
_ADVICE: Final[dict[str, str]] = {
    "The channel layer is as it was chosen": (
        "start Redis, or run this again with --redis=docker; with --layer=memory if there is one process only"
    ),
    "Every process hears every announcement": "see that all processes use the same database and Redis",
}
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


def judged(checks: Sequence[Check]) -> list[Line]:
    """Return a line for every promise, and one for what belongs to none of them."""
    lines = []
    rest = list(checks)
    for promise, starts in PROMISES.items():
        own = [check for check in rest if check.name.startswith(starts)]
        rest = [check for check in rest if check not in own]
        lines.append(_line(promise, own))
    return lines + ([_line("Everything else", rest)] if rest else [])


def _line(promise: str, checks: Iterable[Check]) -> Line:
    checks = list(checks)
    bad = [check for check in checks if check.verdict == "bad"]
    good = [check for check in checks if check.verdict == "good"]
    if bad:
        seen = "; ".join(f"{check.name}: {check.detail}" for check in bad)
        advice = _ADVICE.get(promise)
        return Line(promise, "bad", f"{seen}. To do: {advice}" if advice else seen)
    if good:
        seconds = sum(check.seconds or 0 for check in good)
        told = good if len(good) == 1 else [check for check in good if check.detail.startswith("warning")]
        return Line(promise, "good", "; ".join([*(check.detail for check in told), f"{seconds:.1f} s"]))
    if checks:
        return Line(promise, "not used", "; ".join(check.detail for check in checks))
    return Line(
        promise, "unknown", "this was not tested; mend what is bad, or run `manage.py check_websockets`"
    )


def _check(found: dict[str, Any]) -> Check:
    return Check(found["name"], found["verdict"], found["detail"], found["seconds"])
