"""The server app, as far as it needs no Django."""
