"""PURE: when a stream that is not live is tried again, and what became of the try before.

What failed some time ago may be over: said like this, nobody takes it for what is so now.
"""

from armguard_tray.connection.explain import explain, outcome
from armguard_tray.connection.failures import Closure, FailureKind
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.diagnosis.moments import Moments
from armguard_tray.messages.plain_text import plain


def next_try(facts: StreamFacts, moments: Moments) -> str:
    """Return both: `waits for its next try at 14:09:30; the last one, at 14:08:40, was refused`."""
    return "; ".join(filter(None, (_next(facts, moments), _last(facts, moments))))


def _next(facts: StreamFacts, moments: Moments) -> str:
    if facts.retry_at is not None and facts.retry_at > moments.now:
        return f"waits for its next try at {moments.second(facts.retry_at)}"
    return "is about to be tried again" if facts.phase is Phase.BACKING_OFF else "is being tried again"


def _last(facts: StreamFacts, moments: Moments) -> str:
    if not facts.ends:
        return ""
    end = facts.ends[-1]
    when = moments.second(end.at)
    if isinstance(end.how, Closure):
        return f"the last connection ended at {when}: {plain(outcome(end.how))}"
    if end.how.kind is FailureKind.REFUSED:
        return f"the last one, at {when}, was refused"
    return f"the last one, at {when}, failed: {plain(explain(end.how).summary)}"
