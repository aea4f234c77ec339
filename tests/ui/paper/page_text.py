"""Reads a page of a PDF file."""

from pypdf import PageObject


def page_text(page: PageObject) -> str:
    """Return what stands on a page; of Qt's one sign for space and tab, pypdf takes the latter."""
    return page.extract_text().replace("\t", " ")
