"""Which events are announced, and how many at once. Pure: no clock, no I/O."""
