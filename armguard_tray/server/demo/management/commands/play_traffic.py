"""`play_traffic`: armory traffic from a process of its own."""

import logging
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from armguard_tray.server.demo.traffic import play_blocking

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Plays traffic on the database of a running demo server.

    The announcements reach that server's clients only through Redis: the in-memory channel layer does not
    cross processes. (The demo server plays its own traffic inside its process for that reason.)
    """

    help = "Play believable armory traffic on the demo server's database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the rate, the number of events and the seed."""
        parser.add_argument("--rate", type=float, required=True, metavar="EVENTS_PER_MINUTE")
        parser.add_argument("--count", type=int, help="stop after so many events (default: never)")
        parser.add_argument("--seed", type=int, help="play the same events again")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play until the count is reached or the command is interrupted."""
        if options["rate"] <= 0:
            raise CommandError("--rate must be above 0")
        if not settings.REDIS_URL:
            log.warning("no Redis is configured: what happens here is announced to nobody")
        try:
            # Not for cryptography.
            play_blocking(Random(options["seed"]), options["rate"], options["count"])  # noqa: S311
        except KeyboardInterrupt:
            log.info("stopped")
