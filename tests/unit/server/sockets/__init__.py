"""The pure parts of the sockets."""
