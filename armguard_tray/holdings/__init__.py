"""Who holds what: worked out of what the journal has, and of what the server lists. Pure."""
