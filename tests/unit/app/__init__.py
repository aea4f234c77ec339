"""The front ends without a display."""
