"""The report for the admin."""
