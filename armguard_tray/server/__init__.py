"""The server's side: what an ArmGuard server runs, and a small one for trying out and for tests.

Needs the extra `server` (Django, channels, daphne). Nothing here is imported by the tray itself.
"""
