"""What the pictures of the log show, and what is said of it. Pure: no file, no Qt, no clock."""
