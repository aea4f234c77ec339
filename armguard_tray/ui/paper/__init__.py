"""What is put on paper, as PDF or by a printer: documents of plain text and tables, page by page."""
