"""Reads the tables of a page, to look at them as a client does: by their header cells."""

from html.parser import HTMLParser


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data


def table_with(headers: list[str], page: str) -> list[list[str]]:
    """Return the rows under exactly these header cells."""
    parser = _Tables()
    parser.feed(page)
    parser.close()
    (rows,) = (table[1:] for table in parser.tables if table[0] == headers)
    return rows
