"""Logging in, with the lock-out in front."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from armguard_tray.server.demo import lockout


class ArmoryLogin(LoginView):
    """Django's login page, which counts wrong passwords and shuts after too many."""

    template_name = "demo/login.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse a locked-out account before its password is even looked at."""
        if lockout.is_locked_out(request, _username(request)):
            return _locked_out(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in and forget earlier mistakes."""
        lockout.forget_failures(self.request, _username(self.request))
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again, or the lock-out page if that was the last try."""
        lockout.count_failure(self.request, _username(self.request))
        if lockout.is_locked_out(self.request, _username(self.request)):
            return _locked_out(self.request)
        return super().form_invalid(form)


def _username(request: HttpRequest) -> str:
    return request.POST.get("username", "").strip()


def _locked_out(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/locked_out.html", {"failures": lockout.FAILURES}, status=403)
