"""Tests of the server side, against a real daphne."""
