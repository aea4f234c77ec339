"""The notices that the checks send: marked as tests, to the checks' own visitors and to nobody else."""

from typing import Final
from uuid import uuid4

from asgiref.sync import sync_to_async

from armguard_tray.server import announce
from armguard_tray.server.management.checkup.visitors import Visitor

TITLE: Final = "Test of the live connection"
MESSAGE: Final = "This is a test by manage.py check_websockets. Nothing has happened; there is nothing to do."


async def publish(visitor: Visitor) -> str:
    """Publish a notice for a visitor; return the token by which it is known, `data["check"]` of its frame."""
    token = uuid4().hex
    await sync_to_async(announce.send_user_notification)(
        visitor.user_id, TITLE, MESSAGE, "info", {"check": token}
    )
    return token
