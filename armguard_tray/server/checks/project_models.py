"""What is wrong with the models that the app announces: they, or fields of theirs, do not exist."""

from collections.abc import Iterator, Mapping

from django.apps.registry import Apps
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from armguard_tray.server.conf import NAME, LiveSettings
from armguard_tray.server.frames import ITEM_PATHS, TRANSACTION_PATHS

_OPTIONAL = frozenset({"item_type", "serial", "duty_type", "mags", "rounds"})
"""What a frame does without where a model has no such field."""


def model_faults(apps: Apps, live: LiveSettings) -> list[CheckMessage]:
    """Return what is wrong with the models that `live` names."""
    parts = (
        ("TRANSACTION", live.transaction_model, live.transaction_fields, TRANSACTION_PATHS),
        ("ITEM", live.item_model, live.item_fields, ITEM_PATHS),
    )
    faults: list[CheckMessage] = []
    for part, label, own, usual in parts:
        model = _model(apps, label)
        if model is None:
            faults.append(_no_model(part, label))
            continue
        faults += _field_faults(part, model, own, usual)
    return faults


def _model(apps: Apps, label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _no_model(part: str, label: str) -> CheckMessage:
    return Error(
        f"{NAME}['{part}_MODEL'] is {label!r}, and there is no such model: nothing of it is announced.",
        hint="Write it as 'app_label.Model', and have its app in INSTALLED_APPS.",
        id="armguard_live.E011",
    )


def _field_faults(
    part: str, model: type[Model], own: Mapping[str, str], usual: Mapping[str, str]
) -> Iterator[CheckMessage]:
    for name, path in {**usual, **own}.items():
        if name not in usual:
            yield Error(
                f"{NAME}['{part}_FIELDS'] has {name!r}, which is no field of a frame.",
                hint=f"There are: {', '.join(sorted(usual))}.",
                id="armguard_live.E012",
            )
        elif leads_nowhere(model, path) and not (name in _OPTIONAL and name not in own):
            kind, code = (Error, "E013") if name in own else (Warning, "W011")
            yield kind(
                f"{model._meta.label} has no {path!r}, so that {name!r} is always empty.",  # noqa: SLF001 - documented by Django
                hint=f"Say in {NAME}['{part}_FIELDS'] where {name!r} is found.",
                id=f"armguard_live.{code}",
            )


def leads_nowhere(model: type[Model], path: str) -> bool:
    """Return whether `path`, as in "personnel.get_full_name", surely finds nothing on a model's rows."""
    step, _, rest = path.partition(".")
    if step == "pk":
        return bool(rest)
    try:
        field = model._meta.get_field(step)  # noqa: SLF001 - documented by Django
    except FieldDoesNotExist:
        # A property or a method; what that returns is not known here.
        return not hasattr(model, step)
    related = field.related_model
    if not rest or not isinstance(related, type):
        return bool(rest)
    return leads_nowhere(related, rest)
