"""The journal: what arrived is on disk before it is shown."""
