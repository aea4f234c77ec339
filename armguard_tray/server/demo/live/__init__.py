"""The demo server with the app: what an admin adds to the stock server's settings, addresses and sockets."""
