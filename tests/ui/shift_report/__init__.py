"""Tests of the window "Shift report"."""
