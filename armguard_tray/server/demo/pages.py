"""Pages for people."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from armguard_tray.server.demo import announcements, armory
from armguard_tray.server.demo.forms import TransactionForm
from armguard_tray.server.demo.models import Item, ItemStatus, Transaction, issued_now

ROWS_A_PAGE: Final = 20


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


# The beginning of each period that the history can show.
PERIODS: Final[dict[str, Callable[[datetime], datetime]]] = {
    "day": _midnight,
    "week": lambda now: now - timedelta(days=7),
    "month": lambda now: now - timedelta(days=30),
}


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show what there is and what is out."""
    items = Item.objects.select_related("holder")
    counts = [(label, items.filter(status=status).count()) for status, label in ItemStatus.choices]
    return render(request, "demo/home.html", {"items": items, "counts": counts})


@require_GET
@login_required
def transactions(request: HttpRequest) -> HttpResponse:
    """Show the history, newest first, and what is issued now. A page past the end is 404."""
    asked = request.GET.get("history", "day")
    period = asked if asked in PERIODS else "day"
    since = PERIODS[period](timezone.localtime())
    history = Transaction.objects.filter(made_at__gte=since).select_related("item", "personnel")
    try:
        page = Paginator(history, ROWS_A_PAGE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404(str(error)) from error
    context = {"page": page, "period": period, "periods": list(PERIODS), "issued": issued_now()}
    return render(request, "demo/transactions.html", context)


@require_GET
@login_required
def transaction(request: HttpRequest, transaction_id: int) -> HttpResponse:
    """Show one transaction."""
    rows = Transaction.objects.select_related("item", "personnel", "issued_by")
    return render(request, "demo/transaction.html", {"made": get_object_or_404(rows, pk=transaction_id)})


@require_http_methods(["GET", "POST"])
@login_required
def new_transaction(request: HttpRequest) -> HttpResponse:
    """Make a transaction and announce it."""
    form = TransactionForm(request.POST or None, initial={"item_id": request.GET.get("item")})
    if request.method == "POST" and form.is_valid():
        try:
            made = form.make(_user(request))
        except armory.RuleViolation as violation:
            form.add_error(None, str(violation))
        else:
            announcements.transaction_made(made)
            return redirect("transaction", made.pk)
    return render(request, "demo/new_transaction.html", {"form": form})


@require_GET
@login_required
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """Show one item and its history."""
    return _item_page(request, get_object_or_404(Item, pk=item_id))


@require_POST
@login_required
def item_status(request: HttpRequest, item_id: str) -> HttpResponse:
    """Change an item's status by hand and announce it."""
    shown = get_object_or_404(Item, pk=item_id)
    try:
        changed, previous = armory.change_status(item_id, request.POST.get("status", ""))
    except armory.RuleViolation as violation:
        return _item_page(request, shown, error=str(violation))
    announcements.status_changed(changed, previous)
    return redirect("item", item_id)


def _item_page(request: HttpRequest, shown: Item, error: str = "") -> HttpResponse:
    context = {
        "item": shown,
        "error": error,
        "statuses": [status for status in ItemStatus.values if status != ItemStatus.ISSUED],
        "history": shown.transactions.select_related("personnel", "issued_by")[:ROWS_A_PAGE],
    }
    return render(request, "demo/item.html", context)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):  # the decorator has seen to that
        raise TypeError("an anonymous user came past login_required")
    return request.user
