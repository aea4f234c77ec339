"""Finds out how a connection is, step by step; what it means is said by `diagnosis`."""
