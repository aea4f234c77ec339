"""The record of what was announced: numbered without holes, in the order in which it was committed.

Whoever publishes holds the lock of the head's row from taking a number until the commit. So number N + 1 is
only ever given when N is committed or gone, and a reader that has read up to N never misses an earlier one.
(Numbers that a sequence gives out are committed in any order.)

All of it is synchronous and happens in the database that the settings name.
"""

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Final
from uuid import uuid4

from django.db import Error, connections, transaction
from django.db.models import F, QuerySet, Subquery
from django.utils import timezone

from armguard_tray.server import doorbell, item_states, project_models
from armguard_tray.server.conf import LiveSettings, live_settings
from armguard_tray.server.frames import Draft, stock_message, transaction_origin
from armguard_tray.server.models import Event, Head
from armguard_tray.server.resume import HeadState

__all__ = [
    "Draft", "Failure", "HeadState", "Logged", "head", "is_published", "last_error", "new_epoch",
    "publish", "publish_built", "publish_or_raise", "read_after", "settle", "trim",
]  # fmt: skip

log = logging.getLogger(__name__)

_TRIMMED_AT_ONCE: Final = 1000
_RESERVED: Final = frozenset({"type", "stream", "id", "epoch", "seq", "timestamp"})


@dataclass(frozen=True, slots=True)
class Logged:
    """One event of the log.

    Attributes:
        seq: its number.
        stream: the name of the stream that it is of.
        user_id: whose it is alone; None: everybody's.
        body: the frame's JSON text, which is sent as it is, for ever.
        epoch: under which `seq` counts.

    """

    seq: int
    stream: str
    user_id: str | None
    body: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The last thing that went wrong in this process: when, and what."""

    at: datetime
    text: str


def publish(*drafts: Draft) -> list[Logged]:
    """Publish inside the caller's transaction, or one of its own; return what was published.

    Never raises: a failure is logged and remembered, and leaves the caller's transaction as it was. What
    failed inside a transaction is tried once more after its commit; after that, `reconcile` finds those
    transactions and statuses that were not announced. The doorbell rings after the commit.
    """
    return publish_built(lambda: drafts)


def publish_built(build: Callable[[], Sequence[Draft]]) -> list[Logged]:
    """Publish what `build` returns, as `publish` does; its failures are as harmless to the caller.

    In a caller's transaction `build` runs in the savepoint; else before the event's own transaction begins.
    """
    alias = live_settings().database
    nested = connections[alias].in_atomic_block
    try:
        # Reading first and writing then, in one transaction, is what SQLite refuses where others write.
        drafts = () if nested else build()
        with transaction.atomic(using=alias):
            return _append(alias, build() if nested else drafts)
    except Error as failure:
        log.error("An event could not be published: %s", failure)  # noqa: TRY400 - it says it all
        _remember(failure)
        if nested:
            transaction.on_commit(partial(publish_built, build), using=alias, robust=True)
    except Exception as failure:  # other people's models and data; the business goes on
        log.exception("An event could not be published")
        _remember(failure)
    return []


def publish_or_raise(drafts: Sequence[Draft]) -> list[Logged]:
    """Publish as `publish` does, for a caller with no business of its own. Raises what went wrong."""
    alias = live_settings().database
    with transaction.atomic(using=alias):
        return _append(alias, drafts)


def is_published(origin: str) -> bool:
    """Whether an event of this origin is still in the log."""
    return _events().filter(origin=origin).exists()


def head() -> HeadState:
    """Return where the log stands; begin it, with a new epoch, if there is none."""
    alias = live_settings().database
    found = _heads().first()
    if found is None:
        with transaction.atomic(using=alias):
            _begin()
            item_states.seed()
            found = _heads().get()
    return HeadState(found.epoch, found.seq, found.oldest, found.began)


def read_after(seq: int, limit: int) -> list[Logged]:
    """Return up to `limit` events after `seq`, ascending, of all users: the caller tells them apart."""
    # In one statement, so that no event is taken for one of an epoch that begins meanwhile.
    epoch = Subquery(Head.objects.filter(pk=1).values("epoch"))
    found = _events().filter(seq__gt=seq).order_by("seq").annotate(epoch=epoch)
    fields = found.values_list("seq", "stream", "user_id", "body", "epoch")
    return [Logged(*each) for each in fields[:limit]]


def trim(now: datetime) -> int:
    """Remove what is older, or more, than the settings keep; return how many events went.

    `now` is as `django.utils.timezone.now()` gives it. A transaction's event stays until `reconcile` has
    settled it.
    """
    alias = live_settings().database
    removed = 0
    while _dispensable(now):
        with transaction.atomic(using=alias):
            _locked(alias)
            count = _remove(_dispensable(now))
        removed += count
        if count < _TRIMMED_AT_ONCE:
            break
    return removed


def settle(watermark: int) -> None:
    """Take down that transactions up to this number need no announcement any more."""
    alias = live_settings().database
    with transaction.atomic(using=alias), _bounded_wait(alias):
        _heads().filter(watermark__lt=watermark).update(watermark=watermark)


def new_epoch() -> HeadState:
    """Begin a new epoch: nothing is kept, and what the database holds now counts as announced.

    For a database that was restored from a backup, whose numbers clients may know with other events.
    """
    alias = live_settings().database
    with transaction.atomic(using=alias):
        stands = _locked(alias)
        _events().delete()
        _heads().update(
            epoch=uuid4().hex,
            began=stands.seq + 1,
            oldest=stands.seq + 1,
            watermark=project_models.highest_transaction(),
        )
        item_states.forget()
        item_states.seed()
    return head()


def last_error() -> Failure | None:
    """Return the last failure to publish of this process."""
    return _failures[-1] if _failures else None


_failures: deque[Failure] = deque(maxlen=1)


def _remember(failure: Exception) -> None:
    _failures.append(Failure(timezone.now(), f"{type(failure).__name__}: {failure}".strip()))


def _append(alias: str, drafts: Sequence[Draft]) -> list[Logged]:
    if not drafts:
        return []
    stands = _locked(alias, counting=len(drafts))
    fresh = list(_fresh(drafts))
    if len(fresh) < len(drafts):
        _heads().update(seq=F("seq") - (len(drafts) - len(fresh)))
    if not fresh:
        return []
    at = datetime.now(timezone.get_default_timezone())
    first = stands.seq - len(drafts) + 1
    logged = [_logged(draft, stands.epoch, seq, at) for seq, draft in enumerate(fresh, first)]
    _events().bulk_create(map(_row, logged, fresh))
    item_states.remember(draft.tells for draft in fresh if draft.tells)
    relays = _relays(fresh, at, live_settings())
    transaction.on_commit(partial(doorbell.ring, logged, relays), using=alias, robust=True)
    return logged


def _locked(alias: str, counting: int = 0) -> Head:
    """Take the head's lock, by counting up, which locks on every database; return where it stands then."""
    counted = {"seq": F("seq") + counting}
    with _bounded_wait(alias):
        if not _heads().update(**counted):
            _begin()
            _heads().update(**counted)
    return _heads().get()


def _begin() -> None:
    """Write the head's row; what the database holds before that is not announced."""
    _heads().bulk_create(
        [Head(pk=1, epoch=uuid4().hex, watermark=project_models.highest_transaction())], ignore_conflicts=True
    )


@contextmanager
def _bounded_wait(alias: str) -> Iterator[None]:
    """Wait for a lock no longer than the settings say: a forgotten transaction must not stop an armory."""
    connection = connections[alias]
    longest = live_settings().lock_timeout
    if connection.vendor != "postgresql" or not longest:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)",
            [f"{longest * 1000:.0f}ms"],
        )
        (before, _) = cursor.fetchone()
        yield
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def _fresh(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Leave out what clients have been told already, and statuses that are not true any more."""
    origins = {draft.origin for draft in drafts if draft.origin}
    published = (
        set(_events().filter(origin__in=origins).values_list("origin", flat=True)) if origins else set()
    )
    statuses = {draft.tells.item_id for draft in drafts if draft.tells}
    items = item_states.known(statuses) if statuses else {}
    for draft in drafts:
        if draft.origin in published:
            continue
        if draft.origin:
            published.add(draft.origin)
        if draft.tells:
            known, status = items[draft.tells.item_id], draft.tells.status
            if known.said == status or known.actual not in {None, status}:
                continue
        yield draft


def _logged(draft: Draft, epoch: str, seq: int, at: datetime) -> Logged:
    frame = {
        "type": draft.frame["type"],
        "stream": draft.stream.value,
        "id": uuid4().hex,
        "epoch": epoch,
        "seq": seq,
        "timestamp": at.isoformat(timespec="microseconds"),
        **{name: value for name, value in draft.frame.items() if name not in _RESERVED},
    }
    text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # No database and no socket takes a lone surrogate.
    body = text.encode("utf-8", "replace").decode("utf-8")
    return Logged(seq, draft.stream.value, draft.user_id, body, epoch)


def _row(logged: Logged, draft: Draft) -> Event:
    # In the body's JSON a zero byte is an escape; elsewhere PostgreSQL takes none.
    user_id, origin = (text and text.replace("\0", "\ufffd") for text in (logged.user_id, draft.origin))
    return Event(seq=logged.seq, stream=logged.stream, user_id=user_id, origin=origin, body=logged.body)


def _relays(drafts: Iterable[Draft], at: datetime, settings: LiveSettings) -> list[doorbell.Relay]:
    if not settings.relay_to_stock:
        return []
    issued = settings.item_status_after.get("Take")
    messages = (stock_message(draft, at, issued) for draft in drafts)
    return [message for message in messages if message is not None]


def _dispensable(now: datetime) -> list[int]:
    """Return the oldest events that need not be kept, in ascending order without a hole, at most a chunk."""
    settings = live_settings()
    stands = _heads().first()
    if stands is None:
        return []
    old = now - timedelta(days=settings.retention_days)
    surplus = stands.seq - settings.retention_events

    def goes(event: tuple[int, datetime, str | None]) -> bool:
        seq, created, origin = event
        return (created < old or seq <= surplus) and not _is_needed(origin, stands.watermark)

    oldest = _events().order_by("seq").values_list("seq", "created", "origin")[:_TRIMMED_AT_ONCE]
    return [seq for seq, *_ in takewhile(goes, oldest)]


def _is_needed(origin: str | None, watermark: int) -> bool:
    """Whether an event is the only sign that its transaction has been announced."""
    prefix = transaction_origin("")
    if origin is None or not origin.startswith(prefix):
        return False
    number = origin.removeprefix(prefix)
    return number.isdecimal() and int(number) > watermark


def _remove(numbers: Sequence[int]) -> int:
    if numbers:
        _heads().update(oldest=numbers[-1] + 1)
        _events().filter(seq__lte=numbers[-1]).delete()
    return len(numbers)


def _heads() -> QuerySet[Head]:
    return Head.objects.using(live_settings().database).filter(pk=1)


def _events() -> QuerySet[Event]:
    return Event.objects.using(live_settings().database)
