"""Tests of `armguard_tray.checkup` that need no network."""
