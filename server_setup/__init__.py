"""Adds the server app to a Django project: `setup_websockets.py --server PATH`.

Standard library only. It stands beside the package, not in it: it installs the package into other
environments from this checkout, and has no business on the servers themselves.
"""
