"""The app's addresses; the project's own include them as `path("armguard-live/", include(…))`."""

from django.urls import path

from armguard_tray.server import views

urlpatterns = [
    path("", views.status, name="armguard_live_status"),
    path("events/", views.events, name="armguard_live_events"),
]
