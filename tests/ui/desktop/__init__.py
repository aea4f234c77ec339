"""Tests of the desktop parts on a private desktop."""
