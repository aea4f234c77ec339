"""`/ws/live/` and the guard, as clients meet them."""
