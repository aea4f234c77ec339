"""PURE: the formats that the log can be exported in."""

from enum import StrEnum


class Format(StrEnum):
    """A format, by the ending of its files."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    JSONL = "jsonl"

    @property
    def label(self) -> str:
        """What it is called, and what it is for."""
        return _LABELS[self]


_LABELS = {
    Format.CSV: "CSV, for spreadsheets and programs",
    Format.XLSX: "Excel workbook",
    Format.PDF: "PDF, for reading and printing",
    Format.JSONL: "JSON Lines, for programs",
}
