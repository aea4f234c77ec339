"""The stock server's app `inventory`."""
