"""Which page of the server is about an event."""

from urllib.parse import quote

from armguard_tray.messages.event import Category, Event


def page_of(event: Event, base_url: str) -> str:
    """Return the URL of the page for people: the transaction's, the item's, or the list of transactions.

    Ids are the server's text and go into the path escaped, so that none can lead elsewhere.
    """
    if event.transaction_id is not None:
        return f"{base_url}/transactions/{event.transaction_id}/"
    if event.category is Category.NOTICE and event.ref is not None and event.ref.isdecimal():
        return f"{base_url}/transactions/{event.ref}/"
    if event.item_id is not None:
        return f"{base_url}/inventory/{quote(event.item_id, safe='')}/"
    return f"{base_url}/transactions/"
