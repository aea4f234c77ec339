"""`manage.py armguard_live_epoch`: begins a new epoch of the event log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from armguard_tray.server import event_log

_WHY = """\
The event log numbers what it announces, and every desk remembers the last number that it got. After the
database was restored from a backup the log counts again from an older number: a desk would take new events
for ones that it has. A new epoch says that the old numbers are void. The events that are kept now are removed
from the log (not from the armory's own tables), and every desk is told of a gap once and goes on from there.

Do this once after restoring a backup, and at no other time."""


class Command(BaseCommand):
    """Begins a new epoch, after asking."""

    help = "Begin a new epoch of the event log, after the database was restored from a backup."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the consent."""
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Explain, ask, begin it and tell which it is."""
        before = event_log.head()
        self.stdout.write(_WHY)
        self.stdout.write(
            f"\nNow: epoch {before.epoch}, events {before.oldest:,} to {before.seq:,} are kept."
        )
        if not options["yes"] and not self._consents():
            raise CommandError("Nothing was changed.")
        after = event_log.new_epoch()
        self.stdout.write(
            self.style.SUCCESS(f"Epoch {after.epoch} has begun; the next event is {after.seq + 1:,}.")
        )

    def _consents(self) -> bool:
        self.stdout.write("Begin a new epoch? Type yes: ", ending="")
        self.stdout.flush()
        try:
            return input().strip().lower() == "yes"
        except EOFError:
            self.stdout.write("")
            return False
