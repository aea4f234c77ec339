"""Tests of what pictures of the log show."""
