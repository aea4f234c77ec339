"""A small ArmGuard-like server: Django, Channels and daphne on loopback, with believable armory traffic.

It behaves as the stock ArmGuard server does, faults included: one endpoint announces nothing, and without
Redis its announcements stay inside its own process. Start it with `python -m armguard_tray.server.demo`, or
from asyncio with `armguard_tray.server.demo.process.DemoServer`.

- `__main__`, `run`: the process · `process`: its parent's handle on it
- `settings`, `urls`, `asgi`, `apps`: the Django project
- `models`, `armory`: what there is, and the rules of issuing · `announcements`, `consumers`: the live feed
- `login`, `lockout`, `request_limit`: who may come in · `pages`, `api`, `forms`: what is served over HTTP
- `accounts`, `population`, `traffic`: who and what is in it, and what happens there
"""
