"""The stock server's app `transactions`."""
