"""Finds words in texts, however they are written, and strikes out what must not be read."""
