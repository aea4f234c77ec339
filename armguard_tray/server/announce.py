"""Drop-in functions with the stock server's names and signatures, but none of its losses.

The hooks of `signals` announce transactions and statuses by themselves; calling these as well is never wrong,
for nothing is announced twice. They never raise over the event log, Redis or a broken row.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from armguard_tray.server import event_log, item_states, project_models
from armguard_tray.server.event_log import Draft
from armguard_tray.server.frames import notification_draft

log = logging.getLogger(__name__)


def send_user_notification(
    user_id: Any, title: str, message: str, level: str = "info", data: Mapping[str, Any] | None = None
) -> None:
    """Tell one user something; `level` is info, success, warning or error."""
    if user_id is None:  # in the log, no user means everybody
        log.error("A notification for nobody was not sent: %s", title)
        return
    event_log.publish_built(lambda: [notification_draft(str(user_id), title, message, level, data)])


def broadcast_announcement(title: str, message: str, level: str = "info") -> None:
    """Tell everybody something."""
    event_log.publish_built(lambda: [notification_draft(None, title, message, level, None)])


def broadcast_transaction_created(transaction: Any) -> None:
    """Announce that an item was issued."""
    event_log.publish_built(partial(_transaction, transaction))


def broadcast_transaction_returned(transaction: Any) -> None:
    """Announce that an item came back."""
    event_log.publish_built(partial(_transaction, transaction))


def broadcast_inventory_update(item: Any, previous_status: str | None = None) -> None:
    """Announce an item's status."""
    event_log.publish_built(partial(_status, item, previous_status))


def _transaction(made: Any) -> list[Draft]:
    draft = project_models.draft_of_transaction(made)
    if draft.origin is None:
        raise ValueError("a transaction is announced before it is saved")
    # Mostly the hook was first; to see that, nobody needs the log's lock.
    return [] if event_log.is_published(draft.origin) else [draft]


def _status(item: Any, previous: str | None) -> list[Draft]:
    draft = project_models.draft_of_status(item, previous)
    if draft.tells is None:
        raise ValueError("an item has a status")
    known = item_states.known([draft.tells.item_id])[draft.tells.item_id]
    return [] if known.said == draft.tells.status else [draft]
