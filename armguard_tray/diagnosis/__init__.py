"""PURE: from what was found out about a connection to what it means, and what to do."""
