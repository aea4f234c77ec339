"""Qt models over the journal."""
