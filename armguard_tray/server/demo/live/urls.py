"""The stock demo server's addresses, and the app's."""

from django.urls import include, path

from armguard_tray.server.demo.urls import urlpatterns as stock

urlpatterns = [*stock, path("armguard-live/", include("armguard_tray.server.urls"))]
