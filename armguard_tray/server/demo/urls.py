"""The demo server's addresses, as on the stock server."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.decorators.http import require_POST

from armguard_tray.server.demo import api, pages
from armguard_tray.server.demo.login import ArmoryLogin

urlpatterns = [
    path("", pages.home, name="home"),
    path("login/", ArmoryLogin.as_view(), name="login"),
    # Before 5.0 Django's view also took a GET.
    path("logout/", require_POST(LogoutView.as_view()), name="logout"),
    path("transactions/", pages.transactions, name="transactions"),
    path("transactions/new/", pages.new_transaction, name="new_transaction"),
    path("transactions/<int:transaction_id>/", pages.transaction, name="transaction"),
    path("inventory/<str:item_id>/", pages.item, name="item"),
    path("inventory/<str:item_id>/status/", pages.item_status, name="item_status"),
    path("api/items/<str:item_id>/", api.item, name="api_item"),
    path("api/personnel/<str:personnel_id>/", api.personnel, name="api_personnel"),
    path("api/transactions/", api.transactions, name="api_transactions"),
]
