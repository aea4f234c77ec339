"""A small ArmGuard-like server: Django, Channels and daphne on loopback, with believable armory traffic.

It comes in two forms. The stock form behaves as the stock ArmGuard server does, faults included: one endpoint
announces nothing, and without Redis its announcements stay inside its own process. The other form is the same
project with the app `armguard_tray.server` added to it. Start it with `python -m armguard_tray.server.demo`
(`--stock`), or from asyncio with `armguard_tray.server.demo.process.DemoServer`.

- `__main__`, `run`, `serving`: the process · `process`: its parent's handle on it
- `settings`, `urls`, `asgi`, `apps`: the Django project · `live`: what the app adds to it
- `models`, `armory`: what there is, and the rules of issuing
- `announcements`, `broadcasts`, `consumers`: the live feed
- `login`, `lockout`, `request_limit`: who may come in · `pages`, `api`, `forms`: what is served over HTTP
- `accounts`, `population`, `traffic`: who and what is in it, and what happens there
"""
