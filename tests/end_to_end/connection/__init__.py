"""Tests of armguard_tray.connection over real sockets."""
