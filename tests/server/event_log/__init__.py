"""The event log, each example on SQLite and on PostgreSQL."""
