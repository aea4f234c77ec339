"""Users who are not staff may make 60 HTTP requests a minute from one address."""

from collections.abc import Callable
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

REQUESTS: Final = 60
MINUTE: Final = 60


class RequestLimit:
    """Middleware that answers 403 over the limit; its page calls it 429, as the stock server's does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Stand before `get_response`."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count the request and answer it."""
        if request.user.is_authenticated and not request.user.is_staff:
            key = f"requests:{request.META['REMOTE_ADDR']}"
            cache.add(key, 0, MINUTE)
            if cache.incr(key) > REQUESTS:
                return render(request, "demo/too_many_requests.html", status=403)
        return self._get_response(request)
