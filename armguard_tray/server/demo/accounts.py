"""Who can log in to the demo server. These credentials open nothing but a server on loopback."""

from dataclasses import dataclass

PASSWORD = "armory-demo"  # noqa: S105 - a published demo password, good on loopback only


@dataclass(frozen=True)
class Account:
    """A user of the demo server.

    Staff are exempt from the request limit; admins are notified of every transaction.
    """

    username: str
    first_name: str
    last_name: str
    is_staff: bool
    is_admin: bool


ADMIN = Account("admin", "Ricardo", "Villanueva", is_staff=True, is_admin=True)
ARMORER = Account("armorer1", "Ernesto", "Manalo", is_staff=True, is_admin=False)
SERGEANT = Account("sgt.reyes", "Marites", "Reyes", is_staff=False, is_admin=False)

# In this order: the armorer gets user id 2, as in the contract's examples.
ACCOUNTS = (ADMIN, ARMORER, SERGEANT)

# The one a tray logs in with: whoever issues a weapon gets the personal notification.
TRAY_ACCOUNT = ARMORER
