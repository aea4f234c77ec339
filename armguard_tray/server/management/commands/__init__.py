"""`check_websockets` and `armguard_live_epoch`."""
