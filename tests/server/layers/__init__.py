"""Tests of the channel layer, the doorbell and the system checks."""
