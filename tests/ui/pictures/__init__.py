"""Tests of the window "Pictures"."""
