"""PURE: what stands at the end of a file, once its rows are known."""

from collections.abc import Iterator


def closing_lines(digest: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of the digest of the rows, a label and a text each."""
    yield "SHA-256 of the rows", digest
    yield (
        "About the digest",
        (
            "It is made of the rows as JSON Lines, so it is the same in all formats for the same rows: "
            "of a .jsonl file, all lines but the first and the last."
        ),
    )
