"""Commands of the demo server."""
