"""The user's registry as a dictionary."""


class FakeUserRegistry:
    """A `UserRegistry` in memory.

    Attributes:
        values: what is written, by path and name.

    """

    def __init__(self) -> None:
        """Begin empty."""
        self.values: dict[tuple[str, str], str | bytes] = {}

    def read(self, path: str, name: str) -> str | bytes | None:
        """Return the value, or None."""
        return self.values.get((path, name))

    def write(self, path: str, name: str, value: str) -> None:
        """Write the value."""
        self.values[path, name] = value

    def remove(self, path: str, name: str) -> None:
        """Remove the value if it exists."""
        self.values.pop((path, name), None)
