"""The record of what was announced: numbered without holes, in the order in which it was committed.

Whoever gives out numbers holds the lock of the head's row until the commit. So number N + 1 is only ever
given when N is committed or gone, and a reader that has read up to N never misses an earlier one. (Numbers
that a sequence gives out are committed in any order.)

That lock is only ever taken in a short transaction of the app's own. What is published within a caller's
transaction is committed with it in the outbox, and moved into the log right after; so is what is published
while the log cannot be written, by whoever publishes next, or by `reconcile`.

All of it is synchronous and happens in the database that the settings name.
"""

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Final
from uuid import uuid4

from django.db import Error, OperationalError, connections, transaction
from django.db.models import Max, QuerySet, Subquery
from django.utils import timezone

from armguard_tray.server import bounds, doorbell, item_states, outbox, plain_sql, project_models, waits
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
_HELD_AT_MOST: Final = 1000
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
    return _publish(build, _now())


def _now() -> str:
    # By Django's clock, as the project's own models stamp what this tells of.
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    return now.isoformat(timespec="microseconds")


def publish_or_raise(drafts: Sequence[Draft]) -> list[Logged]:
    """Publish as `publish` does, for a caller with no business, and no transaction, of its own.

    Raises what went wrong.
    """
    at = _now()
    posted = [_bounded(draft, at) for draft in drafts]
    return _move(posted).of(posted) if posted else []


def deliver_outbox() -> int:
    """Move what waits, in the outbox or in this process, into the log; return how many events came of it.

    Not to be called within a transaction. Raises django.db.Error when the database cannot be used.
    """
    delivered = _deliver_held()
    while True:
        moved = _deliver_some()
        delivered += len(moved.logged)
        if moved.is_all:
            return delivered


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
        with waits.bounded_transaction(alias):
            _locked(alias)
            count = _remove(_dispensable(now))
        removed += count
        if count < _TRIMMED_AT_ONCE:
            break
    return removed


def settle(watermark: int) -> None:
    """Take down that transactions up to this number need no announcement any more."""
    alias = live_settings().database
    with waits.bounded_transaction(alias):
        _heads().filter(watermark__lt=watermark).update(watermark=watermark)


def new_epoch() -> HeadState:
    """Begin a new epoch: nothing is kept, and what the database holds now counts as announced.

    For a database that was restored from a backup, whose numbers clients may know with other events. What
    waits in the outbox stays there, to be announced in the new epoch.
    """
    alias = live_settings().database
    with waits.bounded_transaction(alias):
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
    """Until when this process does not try to write the log, by the monotonic clock.

    Attributes:
        until: monotonic seconds.
        wholly: whether the outbox cannot be written either: SQLite has one lock for all.

    """

    until: float = 0.0
    wholly: bool = False

    def is_now(self) -> bool:
        return time.monotonic() < self.until

    def is_now_wholly(self) -> bool:
        return self.is_now() and self.wholly

    def found(self, *, wholly: bool) -> None:
        self.until = time.monotonic() + _PAUSE
        self.wholly = wholly

    def is_over(self) -> None:
        self.until = 0.0


class _Held:
    """What was published outside of a transaction while nothing could be written; goes first, later.

    Where the process ends before that, it is gone, and so much was said in the log.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._posted: list[Posted] = []

    def hold(self, posted: Sequence[Posted]) -> None:
        with self._lock:
            if not self._posted:
                atexit.unregister(_deliver_at_exit)
                atexit.register(_deliver_at_exit)
            self._posted += posted
            lost = len(self._posted) - _HELD_AT_MOST
            del self._posted[: max(lost, 0)]
        if lost > 0:
            log.error("%d events are lost: nothing can be written, and no more are held", lost)

    def take(self) -> list[Posted]:
        with self._lock:
            taken, self._posted = self._posted, []
            return taken


_stuck = _Stuck()
_held = _Held()


def _publish(build: Callable[[], Sequence[Draft]], at: str) -> list[Logged]:
    alias = live_settings().database
    connection = connections[alias]
    try:
        if connection.in_atomic_block or not connection.get_autocommit():
            return _post(alias, build, at)
        with waits.bounded(alias):
            posted = [_bounded(draft, at) for draft in build()]
        return _write_or_post(alias, posted)
    except Error as failure:
        log.error("An event could not be published: %s", failure)  # noqa: TRY400 - it says it all
        _remember(failure)
        if "lock timeout" in str(failure):
            _stuck.found(wholly=True)
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
    if _stuck.is_now_wholly() and connections[alias].in_atomic_block:
        transaction.on_commit(partial(_publish, build, at), using=alias, robust=True)
        return []
    outbox.lock_before_reading(alias)
    with waits.bounded(alias):
        posted = [_bounded(draft, at) for draft in build()]
        if posted:
            outbox.put(posted)
            transaction.on_commit(_deliver_if_possible, using=alias, robust=True)
    return []


def _write_or_post(alias: str, own: Sequence[Posted]) -> list[Logged]:
    """Write to the log, else into the outbox, else keep it in mind."""
    if not own:
        return []
    if not _stuck.is_now():
        with _postponing():
            _deliver_held()
            return _move(own).of(own)
    if not _stuck.is_now_wholly():
        with _postponing(wholly=True), waits.bounded(alias):
            outbox.put(own)
            return []
    _held.hold(own)
    return []


def _deliver_if_possible() -> None:
    if not _stuck.is_now():
        with _postponing():
            _deliver_some()


def _deliver_at_exit() -> None:
    with _postponing():
        _deliver_held()


def _deliver_held() -> int:
    """Move what this process holds; what is refused for what it is, is lost, and holds up nothing else."""
    delivered = 0
    held = _held.take()
    while held:
        first, *rest = held
        try:
            delivered += len(_move([first]).logged)
        except OperationalError:
            _held.hold(held)
            raise
        except Exception as failure:
            log.exception("An event could not be published")
            _remember(failure)
        held = rest
    return delivered


@contextmanager
def _postponing(*, wholly: bool = False) -> Iterator[None]:
    """Return the context in which the log is written, or that is put off for a while; see `_Stuck.wholly`."""
    try:
        yield
    except Error as failure:
        log.warning("The event log cannot be written now; events wait: %s", failure)
        _remember(failure)
        if isinstance(failure, OperationalError):
            _stuck.found(wholly=wholly or "database is locked" in str(failure))


@dataclass(frozen=True, slots=True)
class _Moved:
    """What one transaction brought into the log, and whether that was all that waited."""

    logged: Sequence[tuple[Posted, Logged]] = ()
    is_all: bool = True

    def of(self, posted: Sequence[Posted]) -> list[Logged]:
        """Return the events of these."""
        these = {id(each) for each in posted}
        return [event for each, event in self.logged if id(each) in these]


def _deliver_some() -> _Moved:
    """Move the oldest of what waits, and what this process holds."""
    _deliver_held()
    alias = live_settings().database
    with waits.bounded(alias):
        expected = outbox.count(_MOVED_AT_ONCE)
    return _move(expected=expected) if expected else _Moved()


def _move(own: Sequence[Posted] = (), expected: int = 0) -> _Moved:
    """Move the oldest of what waits into the log, and `own` after all that: or into the outbox, behind it.

    No request empties a long outbox: that is for who serves sockets, or is asked for events.
    """
    alias = live_settings().database
    counting = len(own) + expected
    with waits.bounded_transaction(alias):
        stands = _locked(alias, counting)
        waiting = outbox.waiting(_MOVED_AT_ONCE)
        is_all = len(waiting.ids) < _MOVED_AT_ONCE
        moved = [*waiting.posted, *(own if is_all else ())]
        logged = _append(alias, stands, counting, moved, waiting.last)
        outbox.remove(waiting.ids)
        if not is_all and own:
            outbox.put(own)
    _stuck.is_over()
    return _Moved(logged, is_all)


def _append(
    alias: str, stands: Head, counted: int, posted: Sequence[Posted], last: int
) -> list[tuple[Posted, Logged]]:
    """Give numbers to what is news; the head has been counted up by `counted` already.

    `last` is the id of the newest row of the outbox that is among `posted`.
    """
    fresh = list(_fresh(posted, last))
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


def _fresh(posted: Sequence[Posted], last: int) -> Iterator[Posted]:
    """Leave out what clients have been told already, and statuses that are not true any more.

    A status that another one follows, down to the true one, was true for a while, and is told. Those that
    follow may stand in the outbox after `last`: too many to be moved at once, or committed only now.
    """
    origins = {each.draft.origin for each in posted if each.draft.origin}
    published = (
        set(_events().filter(origin__in=origins).values_list("origin", flat=True)) if origins else set()
    )
    told = [(number, each.draft.tells) for number, each in enumerate(posted) if each.draft.tells]
    items = item_states.known({tells.item_id for _, tells in told}) if told else {}
    # After the items: what makes one of their statuses true is committed with its row, and so is seen here.
    told += enumerate(outbox.statuses_after(last, items) if items else (), len(posted))
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
