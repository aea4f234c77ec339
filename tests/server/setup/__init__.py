"""Setting up a server, for real."""
