"""A program that removes old events a few at a time until it is killed, and prints a line for each step."""

import sqlite3
import sys
from datetime import timedelta

from armguard_tray.storage import retention
from armguard_tray.storage.retention import Limits
from tests.unit.messages import frames

if __name__ == "__main__":
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    while trimmed := retention.step(connection, Limits(keep=timedelta(days=365)), frames.AT, most=7):
        sys.stdout.write(f"{trimmed.up_to_row}\n")
        sys.stdout.flush()
    sys.stdout.write("nothing is left\n")
    sys.stdout.flush()
    sys.stdin.read()
