"""The programs that are measured. Each prints lines of JSON: that it is ready, then what it has found."""
