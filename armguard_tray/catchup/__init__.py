"""What the server's own history shows of the time that its announcements were to cover."""
