"""PURE: what a reader asks of the log: its words, how it is saved, and how a command line says it."""
