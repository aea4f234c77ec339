"""The report for the admin: what is needed to help, without secrets and without names.

`material` gathers, `parts` makes texts of it that are masked, and `archive` saves exactly those.
"""
