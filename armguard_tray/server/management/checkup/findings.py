"""What a check found."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

log = logging.getLogger(__name__)

PATIENCE: Final = 60.0  # seconds that one check may take


class Verdict(StrEnum):
    """How a check ended."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Bad(Exception):  # noqa: N818 - named for the verdict
    """What was seen is not what should be; the text says what, and what to do about it if that is known."""


class Unknown(Exception):  # noqa: N818 - named for the verdict
    """What was seen does not tell whether it is as it should be; the text says why, and what to do."""


class Skipped(Exception):  # noqa: N818 - named for the verdict
    """This cannot be checked here; the text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Attributes:
        name: what was checked.
        verdict: how it ended.
        detail: what was seen, or why not.
        seconds: how long it took; None if it was skipped.

    """

    name: str
    verdict: Verdict
    detail: str
    seconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)

    def as_line(self) -> str:
        """Return it as a line for people, of plain text whatever a server has said."""
        took = "" if self.seconds is None else f"{self.seconds * 1000:,.0f} ms"
        return plain(f"{self.verdict:<8} {self.name:<34} {took:>10}  {self.detail}").rstrip()


def plain(text: str) -> str:
    """Return a text as one line that moves no cursor and turns no direction: odd signs become blanks."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


Check = Callable[[], Awaitable[str]]
"""Returns what was seen; raises Bad, Unknown or Skipped."""


async def find(name: str, check: Check) -> Finding:
    """Carry a check out."""
    began = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            detail, verdict = await check(), Verdict.GOOD
    except Skipped as skipped:
        return Finding(name, Verdict.SKIPPED, str(skipped))
    except Bad as bad:
        detail, verdict = str(bad), Verdict.BAD
    except Unknown as unknown:
        detail, verdict = str(unknown), Verdict.UNKNOWN
    except TimeoutError:
        detail, verdict = f"nothing came of it within {PATIENCE:.0f} s", Verdict.BAD
    except Exception as error:
        # Whatever a project's own code raises in here, the other checks still have something to say.
        log.debug("check %r failed", name, exc_info=error)
        detail, verdict = f"{type(error).__name__}: {error}".rstrip(": "), Verdict.BAD
    return Finding(name, verdict, detail, time.perf_counter() - began)


def verdict_of(findings: list[Finding]) -> Verdict:
    """Return BAD if something is bad, else UNKNOWN if something is, else GOOD."""
    verdicts = {each.verdict for each in findings}
    return next((each for each in (Verdict.BAD, Verdict.UNKNOWN) if each in verdicts), Verdict.GOOD)


def summary(findings: list[Finding]) -> str:
    """Return the last line."""
    counts = Counter(each.verdict for each in findings)
    said = [f"{counts[each]} {each}" for each in Verdict if counts[each] or each is not Verdict.UNKNOWN]
    verdict = verdict_of(findings)
    named = [each.name for each in findings if each.verdict is verdict is not Verdict.GOOD]
    return f"Verdict: {verdict} ({', '.join(said)})" + (f": {', '.join(named)}" if named else "")
