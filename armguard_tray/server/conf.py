"""The app's settings: what may stand in `ARMGUARD_LIVE` of the project's settings, and its defaults.

`ARMGUARD_LIVE` is a dictionary with the field names below in capitals; what is left out keeps its default::

    ARMGUARD_LIVE = {"CONNECTIONS_PER_USER": 5, "RETENTION_DAYS": 30}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings

NAME: Final = "ARMGUARD_LIVE"


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """How the app behaves.

    Attributes:
        real_time: whether `/ws/live/` serves anybody; if not, trays fetch events over HTTP.
        transaction_model, item_model: `app_label.Model` of what is announced.
        transaction_fields, item_fields: where a frame's field is found on the model, as a dotted path
            (methods without arguments are called); in addition to the defaults of `frames`.
        item_status_after: the status to which a transaction's action leads.
        database: the alias of the database that holds the event log; it must hold those models too, for an
            event is committed together with what it tells of.
        lock_timeout: seconds that a publisher waits for the log behind another one (on PostgreSQL; on SQLite
            the connection's own `timeout` counts); what it cannot write then waits in the outbox until
            somebody else does. 0 waits without end.
        relay_to_stock: whether announcements are also sent to the stock consumers' groups, and those for
            everybody to each page's socket for notifications; only right where the stock functions have been
            replaced by those of `announce`, else browsers hear all twice.
        connections_per_user: how many sockets a user may have on each endpoint, over all processes.
        connect_timeout, disconnect_timeout: seconds within which a socket is opened and cleaned up.
        doorbell_timeout: seconds that one attempt to wake the other processes may take. For a layer of
            `channel_layers()` that is a lower bound: it is given the time to notice that Redis is lost.
        lease_seconds, lease_renewal: how long a connection's slot outlives its process, and how often it is
            renewed.
        head_check, head_check_alone: seconds between two looks at the log; the second where the layer is in
            memory, so that other processes are heard only by looking.
        session_check: seconds between two looks whether users are still logged in.
        retention_days, retention_events: what is older or more than that is removed from the event log.
        client_rate, client_burst: messages a second that a client may send, and how many at once.
        window: events that a client may leave unacknowledged before the server waits for it.
        slow_after: seconds without an acknowledgement after which such a client is closed.

    """

    real_time: bool = True
    transaction_model: str = "transactions.Transaction"
    item_model: str = "inventory.Item"
    transaction_fields: Mapping[str, str] = field(default_factory=dict)
    item_fields: Mapping[str, str] = field(default_factory=dict)
    item_status_after: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"Take": "Issued", "Return": "Available"})
    )
    database: str = "default"
    lock_timeout: float = 1.0
    relay_to_stock: bool = False
    connections_per_user: int = 3
    connect_timeout: float = 5.0
    disconnect_timeout: float = 3.0
    doorbell_timeout: float = 2.0
    lease_seconds: float = 45.0
    lease_renewal: float = 15.0
    head_check: float = 15.0
    head_check_alone: float = 2.0
    session_check: float = 30.0
    retention_days: float = 7.0
    retention_events: int = 100_000
    client_rate: float = 10.0
    client_burst: int = 40
    window: int = 512
    slow_after: float = 30.0


def live_settings() -> LiveSettings:
    """Return the settings in force; unknown keys are ignored here and named by the system checks."""
    given: Mapping[str, Any] = getattr(settings, NAME, {})
    known = {each.name for each in fields(LiveSettings)}
    return LiveSettings(**{key.lower(): value for key, value in given.items() if key.lower() in known})
