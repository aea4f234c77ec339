"""Setting up a server: what is decided, and what texts become."""
