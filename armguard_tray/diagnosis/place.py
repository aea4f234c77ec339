"""PURE: what is looked at, and what serves it, as the names that the texts of causes use."""

from armguard_tray.diagnosis.facts import Facts

PAGES = {"program": "the program that serves the pages (gunicorn)", "unit": "gunicorn"}
SOCKETS = {"program": "the program that serves WebSockets (daphne)", "unit": "daphne"}

_DEFAULT_PORTS = {"https": "443", "http": "80"}


def place_of(facts: Facts) -> dict[str, str]:
    """Return host, where (host:port), port and origin of the server, and the user; as far as is known."""
    host = facts.name.host if facts.name else ""
    where = facts.tcp.where if facts.tcp else ""
    port = where.rpartition(":")[2] if where else ""
    known = {"host": host, "where": where or host, "port": port if port.isdecimal() else ""}
    known["user"] = facts.login.username if facts.login else ""
    if host:
        known["origin"] = _origin("https" if facts.tls_expected else "http", host, known["port"])
    return known


def _origin(scheme: str, host: str, port: str) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + ("" if port in {"", _DEFAULT_PORTS[scheme]} else f":{port}")
