"""Tests of who holds what."""
