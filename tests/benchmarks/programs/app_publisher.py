"""Publishes through the app, as a process that serves no sockets: in a transaction, and rung on its commit.

A line on standard input is a JSON object of `numbers` to publish, `pause` seconds apart; the answer says when
each was committed.
"""
# ruff: noqa: E402 - Django must be set up before its models are imported

import json
import sys
import time
from functools import partial

import django

django.setup()

from django.db import transaction

from armguard_tray.messages.streams import Stream
from armguard_tray.server import event_log
from tests.benchmarks.programs.bare_group_publisher import FRAME
from tests.benchmarks.programs.telling import tell


def _note(committed: dict[int, float], number: int) -> None:
    committed[number] = time.monotonic()


def main() -> None:
    """Run it."""
    event_log.head()
    tell()
    while line := sys.stdin.readline().strip():
        said = json.loads(line)
        committed: dict[int, float] = {}
        for number in said["numbers"]:
            frame = {**FRAME, "data": {"number": number}}
            with transaction.atomic():
                # The first thing that is done after the commit, before the app rings.
                transaction.on_commit(partial(_note, committed, number))
                event_log.publish(event_log.Draft(Stream.NOTIFICATIONS, frame))
            time.sleep(said["pause"])
        tell(committed=committed)


if __name__ == "__main__":
    main()
