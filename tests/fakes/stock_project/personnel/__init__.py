"""The stock server's app `personnel`."""
