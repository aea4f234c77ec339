"""The report on a shift: what happened in it, what is out at its end, and how certain all that is."""
