"""What the app serves over HTTP."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from armguard_tray.server import catch_up, status_words, upkeep, waits
from armguard_tray.server.conf import live_settings
from armguard_tray.server.sockets.query import BadQueryError, read_query
from armguard_tray.server.status import gather

LIMIT: Final = 500
HIGHEST_LIMIT: Final = 5000
_UNAVAILABLE: Final = 503


@require_GET
@never_cache
@vary_on_headers("Accept")
@login_required
def status(request: HttpRequest) -> HttpResponse:
    """Tell whether and how the app works: `GET /armguard-live/`.

    Every user gets a JSON object::

        app          "armguard-live": by this a client knows that the app is there
        protocol     1
        version      of the app
        real_time    whether `socket` serves anybody; if not, `events` is the only way
        socket       path of the WebSocket
        events       path of the events over HTTP
        epoch        under which the numbers count
        head         number of the newest event, 0 before the first
        oldest       number of the oldest event that is kept; head + 1 if none is
        layer        what carries messages to the sockets: {in_use: "redis" | "memory" | "none", why,
                     since: time or null if unknown, warning: text or null}
        server_time  now

    Staff get more::

        address      of Redis, without a password; "" if there is none
        versions     of what takes part, by name
        processes    those that serve sockets: [{pid, host, started, seen, layer, layer_why, bells, healed,
                     last_error, last_error_at, connections: [{user, endpoint, streams, since}]}]
        connections  {total, by_user, by_endpoint, by_stream}
        bells        {heard, healed}: events that doorbells told of, and events that looking at the log found
        last_error   {at, text, where} or null
        retention    {days, events, kept}: the limits, and how many events are kept now
        newest       time of the newest event, null if it is not kept

    Staff who ask for text/html get a page instead, unless they add `?format=json`. All times are ISO 8601
    with offset. If the database cannot tell, the answer is 503 with `{app, error}`.
    """
    wants_page = (
        getattr(request.user, "is_staff", False)
        and "text/html" in request.headers.get("Accept", "")
        and request.GET.get("format") != "json"
    )
    try:
        with waits.bounded(live_settings().database):
            found = gather()
    except Error as error:
        if wants_page:
            page = status_words.page_without_database(str(error), timezone.localtime())
            return render(request, "armguard_live/status.html", {"page": page}, status=_UNAVAILABLE)
        said = {"app": "armguard-live", "error": "the event log cannot be read"}
        return JsonResponse(said, status=_UNAVAILABLE)
    if wants_page:
        return render(request, "armguard_live/status.html", {"page": status_words.page_of(found)})
    may_know_all = getattr(request.user, "is_staff", False)
    return JsonResponse(found.for_staff() if may_know_all else found.for_everybody())


@transaction.non_atomic_requests
@require_GET
@never_cache
@login_required
def events(request: HttpRequest) -> HttpResponse:
    """Return events that a client has missed: `GET /armguard-live/events/?streams=&epoch=&since=&limit=500`.

    The answer is application/x-ndjson, one frame a line, each just as `/ws/live/` sends it: hello; at most
    `limit` events, and a gap wherever some are missing; and the position that the client has got to. While
    that is below hello's `head` there are more: ask again with it. Without `epoch` and `since` it only tells
    the position to begin from.

    A query that makes no sense is answered with 400 and a frame of type error.
    """
    try:
        query = read_query(f"{request.META['QUERY_STRING']}&resume=1".encode("ascii", "replace"))
        limit = _limit(request.GET.get("limit", ""))
    except BadQueryError as error:
        return JsonResponse({"type": "error", "message": str(error)}, status=400)
    upkeep.attend()
    try:
        with waits.bounded(live_settings().database):
            lines = list(catch_up.frames(query, str(request.user.pk), limit))
    except Error:
        return JsonResponse({"type": "error", "message": "the event log cannot be read"}, status=_UNAVAILABLE)
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="application/x-ndjson")


def _limit(text: str) -> int:
    if not text:
        return LIMIT
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= HIGHEST_LIMIT):
        raise BadQueryError(f"limit is a number from 1 to {HIGHEST_LIMIT}")
    return int(text)
