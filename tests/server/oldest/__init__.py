"""The app on the oldest versions that it promises to work with."""
