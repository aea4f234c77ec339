"""Fixtures of the server's tests."""

from tests.fakes.demo_server import armorer, demo_server, restartable_demo

__all__ = ["armorer", "demo_server", "restartable_demo"]
