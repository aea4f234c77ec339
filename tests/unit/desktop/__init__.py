"""Tests of the desktop parts that need no desktop."""
