"""Tests of the shift report."""
