"""Tests of armguard_tray.connection without a network."""
