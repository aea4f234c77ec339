"""Who and what is in the demo armory."""

from collections.abc import Iterator

from django.contrib.auth.models import User

from armguard_tray.server.demo.accounts import ACCOUNTS, PASSWORD
from armguard_tray.server.demo.models import Item, ItemStatus, ItemType, Personnel

# The day all of them were registered, DDMMYY, as it ends every id.
REGISTERED = "241126"

ENLISTED = (
    ("Juan", "Dela Cruz", "Sgt", "901234", "HAS"),
    ("José <B>X</B>", "Peña", "A1C", "901377", "HAS"),  # a name may hold anything; nobody may render it
    ("Rogelio", "Santos", "MSg", "874120", "951st"),
    ("Ma. Cristina", "Bautista", "SSg", "889015", "951st"),
    ("Danilo", "Macaraeg Jr.", "TSg", "861902", "952nd"),
    ("Arnel", "Dimaculangan", "A2C", "915508", "952nd"),
    ("Ferdinand", "Pangilinan", "AM", "920031", "953rd"),
    ("Rowena", "Ocampo", "AW", "920047", "953rd"),
    ("Nestor", "Abad Santos", "SSg", "883346", "HAS"),
    ("Jayson", "Quimbo", "A1C", "908812", "951st"),
    ("Alvin", "Magsaysay", "Sgt", "899420", "951st"),
    ("Rizalino", "Tolentino", "TSg", "867733", "952nd"),
    ("Precious", "Del Rosario", "A2C", "913369", "952nd"),
    ("Michael", "Gatdula", "Sgt", "897205", "953rd"),
    ("Reynaldo", "Catacutan", "MSg", "871654", "953rd"),
    ("Lorna", "Evangelista", "SSg", "884471", "HAS"),
    ("Jomar", "Salonga", "AM", "921180", "951st"),
    ("Edgardo", "Buenaventura", "Sgt", "895518", "952nd"),
)
OFFICERS = (
    ("Antonio", "Lacson", "CPT", "141207", "HAS"),
    ("Isabel", "Mendoza", "1LT", "152864", "951st"),
    ("Gregorio", "Ayala", "2LT", "160335", "952nd"),
    ("Ramon", "Zaragoza", "MAJ", "133941", "953rd"),
)

SERIALS = {
    ItemType.M4: ("00077", "00177", "00204", "00318", "00455", "00512"),
    ItemType.M16: ("142201", "142207", "142388", "150016", "150121", "151940", "152003", "152377"),
    ItemType.M14: ("30881", "30902", "31155", "31467"),
    ItemType.GLOCK: ("BKP417", "BKP418", "BKR022", "BKR115", "BLT903", "BLT951"),
    ItemType.COLT_45: ("770112", "770340", "771208"),
}
PISTOLS = {ItemType.GLOCK, ItemType.COLT_45}


def populate() -> bool:
    """Fill an empty database and return True; leave one that has been filled as it is."""
    if User.objects.exists():
        return False
    for account in ACCOUNTS:
        User.objects.create_user(
            account.username,
            password=PASSWORD,
            first_name=account.first_name,
            last_name=account.last_name,
            is_staff=account.is_staff,
            is_superuser=account.is_admin,
        )
    Personnel.objects.bulk_create(_personnel())
    Item.objects.bulk_create(_items())
    return True


def _personnel() -> Iterator[Personnel]:
    for prefix, classification, people in (
        ("PE", "ENLISTED PERSONNEL", ENLISTED),
        ("PO", "OFFICER", OFFICERS),
    ):
        for firstname, surname, rank, serial, group in people:
            yield Personnel(
                id=f"{prefix}-{serial}{REGISTERED}",
                firstname=firstname,
                surname=surname,
                rank=rank,
                serial=serial,
                group=group,
                classification=classification,
            )


def _items() -> Iterator[Item]:
    number = 0
    for item_type, serials in SERIALS.items():
        prefix = "IP" if item_type in PISTOLS else "IR"
        for serial in serials:
            number += 1
            yield Item(
                id=f"{prefix}-{serial}{REGISTERED}", item_number=number, item_type=item_type, serial=serial
            )
    # Registered from the QR code that an older system had printed.
    old_code = "M14 #30417 (old QR)"
    yield Item(id=old_code, item_number=number + 1, item_type=ItemType.M14, serial="30417")
    yield Item(
        id=f"IR-30003{REGISTERED}",
        item_number=number + 2,
        item_type=ItemType.M14,
        serial="30003",
        status=ItemStatus.RETIRED,
        condition="Poor",
        description="Receiver cracked; kept for parts.",
    )
