"""A project whose sockets do all that sockets should not do."""
