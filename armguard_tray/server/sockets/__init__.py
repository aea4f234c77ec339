"""The sockets: `/ws/live/`, which serves the event log, and the guard around the stock paths."""
