"""Looks at Redis from this desk: whether it answers, as what, how fast, and if not, why not."""
