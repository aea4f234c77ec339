"""The program as a process of its own, against a real server."""
