"""Faults made on purpose between a real tray and a real server, and an account of every transaction."""
