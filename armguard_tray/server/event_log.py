"""The record of what was announced: numbered without holes, in the order in which it was committed.

Whoever gives out numbers holds the lock of the head's row until the commit. So number N + 1 is only ever
given when N is committed or gone, and a reader that has read up to N never misses an earlier one. (Numbers
that a sequence gives out are committed in any order.)

That lock is only ever taken in a short transaction of the app's own. What is published within a caller's
transaction is committed with it in the outbox, and moved into the log right after; so is what is published
while the log cannot be written, by whoever publishes next, or by `reconcile`.

All of it is synchronous and happens in the database that the settings name.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Final
from uuid import uuid4

from django.db import Error, OperationalError, connections, transaction
from django.db.models import Max, QuerySet, Subquery
from django.utils import timezone

from armguard_tray.server import bounds, doorbell, item_states, outbox, plain_sql, project_models
from armguard_tray.server.conf import LiveSettings, live_settings
from armguard_tray.server.frames import Draft, stock_message, transaction_origin
from armguard_tray.server.models import Event, Head
from armguard_tray.server.outbox import Posted
from armguard_tray.server.resume import HeadState

__all__ = [
    "Draft", "Failure", "HeadState", "Logged", "deliver_outbox", "head", "is_published", "last_error",
    "new_epoch", "publish", "publish_built", "publish_or_raise", "read_after", "settle", "trim",
]  # fmt: skip

log = logging.getLogger(__name__)

_TRIMMED_AT_ONCE: Final = 1000
_MOVED_AT_ONCE: Final = 200
_PAUSE: Final = 5.0
"""Seconds for which a process that waited for the log in vain does not wait again: a view that publishes ten
events must not wait ten times."""
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
    """Publish; return what is in the log now: nothing yet within a transaction, or where the log is stuck.

    Within a transaction, drafts are committed or rolled back with it, and reach the log right after. Their
    events bear the time of this call. Never raises: a failure is logged and remembered, and leaves the
    caller's transaction as it was. What the log does not take now waits in the outbox; what failed inside a
    transaction is tried once more after its commit; after that, `reconcile` finds those transactions and
    statuses that were not announced. The doorbell rings when events are in the log.
    """
    return publish_built(lambda: drafts)


def publish_built(build: Callable[[], Sequence[Draft]]) -> list[Logged]:
    """Publish what `build` returns, as `publish` does; its failures are as harmless to the caller.

    In a caller's transaction `build` runs in a savepoint; else before the event's own transaction begins.
    """
    return _publish(build, datetime.now(timezone.get_default_timezone()).isoformat(timespec="microseconds"))


def publish_or_raise(drafts: Sequence[Draft]) -> list[Logged]:
    """Publish as `publish` does, for a caller with no business, and no transaction, of its own.

    Raises what went wrong.
    """
    at = datetime.now(timezone.get_default_timezone()).isoformat(timespec="microseconds")
    return _write([_bounded(draft, at) for draft in drafts])[1] if drafts else []


def deliver_outbox() -> int:
    """Move what waits in the outbox into the log; return how many events came of it.

    Not to be called within a transaction. Raises django.db.Error when the database cannot be used.
    """
    expected = outbox.count(_MOVED_AT_ONCE)
    return _write(expected=expected)[0] if expected else 0


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
        with transaction.atomic(using=alias, durable=True):
            _locked(alias)
            count = _remove(_dispensable(now))
        removed += count
        if count < _TRIMMED_AT_ONCE:
            break
    return removed


def settle(watermark: int) -> None:
    """Take down that transactions up to this number need no announcement any more."""
    alias = live_settings().database
    with transaction.atomic(using=alias, durable=True):
        _bound_waiting(alias)
        _heads().filter(watermark__lt=watermark).update(watermark=watermark)


def new_epoch() -> HeadState:
    """Begin a new epoch: nothing is kept, and what the database holds now counts as announced.

    For a database that was restored from a backup, whose numbers clients may know with other events. What
    waits in the outbox stays there, to be announced in the new epoch.
    """
    alias = live_settings().database
    with transaction.atomic(using=alias, durable=True):
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


@dataclass(slots=True)
class _Stuck:
    """Until when this process does not try to write the log, by the monotonic clock."""

    until: float = 0.0

    def is_now(self) -> bool:
        return time.monotonic() < self.until

    def found(self) -> None:
        self.until = time.monotonic() + _PAUSE

    def is_over(self) -> None:
        self.until = 0.0


_stuck = _Stuck()


def _publish(build: Callable[[], Sequence[Draft]], at: str) -> list[Logged]:
    alias = live_settings().database
    connection = connections[alias]
    try:
        if connection.in_atomic_block or not connection.get_autocommit():
            return _post(alias, build, at)
        return _write_or_post([_bounded(draft, at) for draft in build()])
    except Error as failure:
        log.error("An event could not be published: %s", failure)  # noqa: TRY400 - it says it all
        _remember(failure)
        if connection.in_atomic_block:
            transaction.on_commit(partial(_publish, build, at), using=alias, robust=True)
    except Exception as failure:  # other people's models and data; the business goes on
        log.exception("An event could not be published")
        _remember(failure)
    return []


def _bounded(draft: Draft, at: str) -> Posted:
    """Return a draft as it goes on its way: small enough for every client."""
    return Posted(replace(draft, frame=bounds.bounded(draft.frame)), at)


def _post(alias: str, build: Callable[[], Sequence[Draft]], at: str) -> list[Logged]:
    """Commit drafts with the caller's transaction, and have them delivered after it."""
    with transaction.atomic(using=alias):
        outbox.lock_before_reading(alias)
        posted = [_bounded(draft, at) for draft in build()]
        if posted:
            outbox.put(posted)
            transaction.on_commit(_deliver_if_possible, using=alias, robust=True)
    return []


def _write_or_post(posted: Sequence[Posted]) -> list[Logged]:
    if not posted:
        return []
    if not _stuck.is_now():
        try:
            return _write(posted)[1]
        except Error as failure:
            _postpone(failure)
    outbox.put(posted)
    return []


def _deliver_if_possible() -> None:
    if _stuck.is_now():
        return
    try:
        deliver_outbox()
    except Error as failure:
        _postpone(failure)


def _postpone(failure: Error) -> None:
    log.warning("The event log cannot be written now; events wait in the outbox: %s", failure)
    _remember(failure)
    if isinstance(failure, OperationalError):
        _stuck.found()


def _write(own: Sequence[Posted] = (), expected: int = 0) -> tuple[int, list[Logged]]:
    """Write what waits in the outbox, then `own`, in short transactions; return how many, and own ones."""
    alias = live_settings().database
    written = 0
    while True:
        counting = len(own) + expected
        with transaction.atomic(using=alias, durable=True):
            stands = _locked(alias, counting)
            waiting = outbox.waiting(_MOVED_AT_ONCE)
            is_last = len(waiting.ids) < _MOVED_AT_ONCE
            moved = [*waiting.posted, *(own if is_last else ())]
            logged = _append(alias, stands, counting, moved)
            outbox.remove(waiting.ids)
        _stuck.is_over()
        written += len(logged)
        if is_last:
            its_own = {id(each) for each in own}
            return written, [event for each, event in logged if id(each) in its_own]


def _append(alias: str, stands: Head, counted: int, posted: Sequence[Posted]) -> list[tuple[Posted, Logged]]:
    """Give numbers to what is news; the head has been counted up by `counted` already."""
    fresh = list(_fresh(posted))
    before = stands.seq - counted
    if len(fresh) != counted:
        _count_up(alias, len(fresh) - counted)
    if not fresh:
        return []
    logged = [_logged(each.draft, stands.epoch, seq, each.at) for seq, each in enumerate(fresh, before + 1)]
    _events().bulk_create(map(_row, logged, fresh))
    item_states.remember(each.draft.tells for each in fresh if each.draft.tells)
    relays = _relays(fresh, live_settings())
    transaction.on_commit(partial(doorbell.ring, logged, relays), using=alias, robust=True)
    return list(zip(fresh, logged, strict=True))


def _locked(alias: str, counting: int = 0) -> Head:
    """Take the head's lock, by counting up, which locks on every database; return where it stands then."""
    _bound_waiting(alias)
    if not _count_up(alias, counting):
        _begin()
        _count_up(alias, counting)
    stands = "SELECT epoch, seq, began, oldest, watermark FROM {table} WHERE id = 1"
    ((epoch, seq, began, oldest, watermark),) = plain_sql.rows(alias, stands, Head)
    return Head(pk=1, epoch=epoch, seq=seq, began=began, oldest=oldest, watermark=watermark)


def _count_up(alias: str, by: int) -> bool:
    return plain_sql.change(alias, "UPDATE {table} SET seq = seq + %s WHERE id = 1", Head, [by]) > 0


def _begin() -> None:
    """Write the head's row, unless somebody else is first; what there is before that is not announced.

    Where events stand without a head, as after somebody's hand was in the table, their numbers are not given
    again; nobody knows what became of the ones after them.
    """
    begun = Head(pk=1, epoch=uuid4().hex)
    _heads().bulk_create([begun], ignore_conflicts=True)
    last = _events().aggregate(last=Max("seq"))["last"] or 0
    own = {"seq": last, "began": last + 1, "oldest": last + 1}
    if _heads().filter(epoch=begun.epoch).update(**own, watermark=project_models.highest_transaction()):
        _events().delete()


def _bound_waiting(alias: str) -> None:
    """Wait for locks no longer than the settings say, until this transaction of the app's own ends."""
    longest = live_settings().lock_timeout
    if connections[alias].vendor == "postgresql" and longest:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{longest * 1000:.0f}ms"])


def _fresh(posted: Sequence[Posted]) -> Iterator[Posted]:
    """Leave out what clients have been told already, and statuses that are not true any more.

    A status that another one follows, down to the true one, was true for a while, and is told.
    """
    origins = {each.draft.origin for each in posted if each.draft.origin}
    published = (
        set(_events().filter(origin__in=origins).values_list("origin", flat=True)) if origins else set()
    )
    told = [(number, each.draft.tells) for number, each in enumerate(posted) if each.draft.tells]
    items = item_states.known({tells.item_id for _, tells in told}) if told else {}
    said = {item_id: known.said for item_id, known in items.items()}
    true_until = {
        tells.item_id: number for number, tells in told if items[tells.item_id].actual in {None, tells.status}
    }
    for number, each in enumerate(posted):
        origin, tells = each.draft.origin, each.draft.tells
        if origin in published:
            continue
        if tells:
            if said[tells.item_id] == tells.status or number > true_until.get(tells.item_id, -1):
                continue
            said[tells.item_id] = tells.status
        if origin:
            published.add(origin)
        yield each


def _logged(draft: Draft, epoch: str, seq: int, at: str) -> Logged:
    frame = {
        "type": draft.frame["type"],
        "stream": draft.stream.value,
        "id": uuid4().hex,
        "epoch": epoch,
        "seq": seq,
        "timestamp": at,
        **{name: value for name, value in draft.frame.items() if name not in _RESERVED},
    }
    return Logged(seq, draft.stream.value, draft.user_id, outbox.encoded(frame), epoch)


def _row(logged: Logged, posted: Posted) -> Event:
    return Event(
        seq=logged.seq,
        stream=logged.stream,
        user_id=outbox.storable(logged.user_id),
        origin=outbox.storable(posted.draft.origin),
        body=logged.body,
    )


def _relays(posted: Iterable[Posted], settings: LiveSettings) -> list[doorbell.Relay]:
    if not settings.relay_to_stock:
        return []
    issued = settings.item_status_after.get("Take")
    messages = (stock_message(each.draft, datetime.fromisoformat(each.at), issued) for each in posted)
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
