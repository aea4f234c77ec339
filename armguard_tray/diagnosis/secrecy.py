"""PURE: a diagnosis without secrets, for what a server says back may hold them."""

from dataclasses import replace

from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.redaction.secrets import Secrets


def without_secrets(diagnosis: Diagnosis, secrets: Secrets) -> Diagnosis:
    """Return a diagnosis without what a server may have said back of them."""
    strike = secrets.strike
    return replace(
        diagnosis,
        headline=strike(diagnosis.headline),
        rungs=tuple(replace(rung, evidence=strike(rung.evidence)) for rung in diagnosis.rungs),
        causes=tuple(
            replace(cause, text=strike(cause.text), remedy=strike(cause.remedy), copy=strike(cause.copy))
            for cause in diagnosis.causes
        ),
    )
