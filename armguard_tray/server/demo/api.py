"""The few things that are served as JSON."""

import json

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from armguard_tray.server.demo.armory import RuleViolation
from armguard_tray.server.demo.forms import TransactionForm
from armguard_tray.server.demo.models import Item, Personnel


@require_GET
@login_required
def item(request: HttpRequest, item_id: str) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Return one item."""
    found = Item.objects.filter(pk=item_id).first()
    if found is None:
        return _error("Item not found", 404)
    return JsonResponse(
        {
            "id": found.pk,
            "item_type": found.item_type,
            "serial": found.serial,
            "status": found.status,
            "condition": found.condition,
            "description": found.description,
            "item_number": found.item_number,
            "qr_image_url": "",  # the demo prints no QR codes
        }
    )


@require_GET
@login_required
def personnel(request: HttpRequest, personnel_id: str) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """Return one person."""
    found = Personnel.objects.filter(pk=personnel_id).first()
    if found is None:
        return _error("Personnel not found", 404)
    return JsonResponse(
        {
            "id": found.pk,
            "firstname": found.firstname,
            "surname": found.surname,
            "full_name": found.get_full_name(),
            "rank": found.rank,
            "serial": found.serial,
            "group": found.group,
            "status": found.status,
            "classification": found.classification,
            "has_issued_firearm": Item.objects.filter(holder=found).exists(),
        }
    )


@require_POST
@login_required
def transactions(request: HttpRequest) -> JsonResponse:
    """Make a transaction and announce it to nobody: the stock server's known flaw."""
    try:
        said = json.loads(request.body)
    except ValueError:
        return _error("The body is not JSON", 400)
    if not isinstance(said, dict) or not isinstance(request.user, User):
        return _error("The body is not a JSON object", 400)
    form = TransactionForm(said)
    if not form.is_valid():
        return JsonResponse({"error": form.errors.get_json_data()}, status=400)
    try:
        made = form.make(request.user)
    except RuleViolation as violation:
        return _error(str(violation), 400)
    return JsonResponse({"success": True, "transaction_id": made.pk}, status=201)


def _error(text: str, status: int) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)
