"""Keeps the streams to the server open: pure decisions here, the sockets in `runner`."""
