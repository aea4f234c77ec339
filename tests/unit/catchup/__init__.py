"""What the server's history page shows."""
