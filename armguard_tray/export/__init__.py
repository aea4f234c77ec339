"""The log, or what a filter shows of it, as a file: CSV, XLSX, JSON Lines; on paper in `ui.paper`.

::

    journal ──one moment──► storage.moment ──► Rows (progress, cancel, digest) ──► writer ──► Target
                                  └──────────► Statement: what it is, how complete, totals ──┘    renamed at
                                  the end
"""
