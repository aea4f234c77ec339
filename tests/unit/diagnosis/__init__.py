"""Examples of what facts mean."""
