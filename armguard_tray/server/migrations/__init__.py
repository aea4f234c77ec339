"""The database's way to the present tables."""
