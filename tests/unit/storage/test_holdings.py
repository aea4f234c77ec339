"""What was done last with each item, and what is missing since, through the journal."""

from dataclasses import replace
from datetime import timedelta

from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.holdings import NOTHING_HANDLED
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan, Roll
from tests.unit.holdings.armory import (
    AT,
    BEGIN,
    ITEMS,
    answering,
    carry_out,
    gap_event,
    handed,
    numbers,
    out,
    set_by_hand,
)
from tests.unit.storage.events import SERVER


async def test_the_last_transaction_of_each_weapon_counts(journal: Journal) -> None:
    first, second, _ = ITEMS
    await journal.append(SERVER, [handed(1, first, taken=True), handed(2, second, taken=True)])
    await journal.append(
        SERVER, [handed(3, first, taken=False), handed(4, first, taken=True, person="Ana Lim")]
    )

    have = await journal.last_handled(SERVER)

    assert out(have) == {first: 4, second: 2}
    last = have.last[first]
    assert (last.known.person, last.duty, last.issued_by) == ("Ana Lim", "Guard Duty", "armorer1")


async def test_a_server_that_was_never_followed_has_nothing(journal: Journal) -> None:
    assert await journal.last_handled("https://other.local") == NOTHING_HANDLED


async def test_what_was_fetched_later_counts_by_its_number(journal: Journal) -> None:
    item, other, _ = ITEMS
    await journal.append(SERVER, [handed(1, item, taken=True), handed(4, other, taken=True)])

    found = [handed(3, item, taken=True, late=True), handed(2, item, taken=False, late=True)]
    await carry_out(journal, Plan(found=found, ledger=answering(1, 4)))

    assert out(await journal.last_handled(SERVER)) == {item: 3, other: 4}


async def test_an_announcement_that_was_overtaken_is_not_the_last_one(journal: Journal) -> None:
    item = ITEMS[0]
    await carry_out(journal, Plan(ledger=answering(1, 0)))

    await journal.append(SERVER, [handed(2, item, taken=False), handed(1, item, taken=True)])

    assert out(await journal.last_handled(SERVER)) == {}


async def test_transactions_of_a_record_that_is_gone_do_not_count(journal: Journal) -> None:
    item, other, _ = ITEMS
    await carry_out(journal, Plan(ledger=answering(1, 0)))
    await journal.append(SERVER, [handed(1, item, taken=True), handed(2, other, taken=True)])
    await journal.append(SERVER, [handed(3, item, taken=False), handed(4, ITEMS[2], taken=True)])

    # A copy of the database was put back that ends with number 2; 3 is another one now.
    await journal.append(SERVER, [handed(3, other, taken=False, person="Ana Lim")])

    assert out(await journal.last_handled(SERVER)) == {item: 1}


async def test_nothing_of_a_server_that_was_exchanged_counts(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=answering(1, 0)))
    await journal.append(SERVER, [handed(number, ITEMS[number % 2], taken=True) for number in range(1, 40)])

    await journal.append(SERVER, [handed(1, ITEMS[2], taken=True, person="Ana Lim")])

    assert out(await journal.last_handled(SERVER)) == {ITEMS[2]: 1}


async def test_what_is_fetched_of_another_record_counts_from_its_first_row_on(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=answering(1, 0)))
    await journal.append(SERVER, [handed(number, ITEMS[number % 2], taken=True) for number in range(1, 40)])
    anew = replace(answering(1, 0), era_row=await journal.last_row() + 1, era_first=1)

    found = [handed(2, ITEMS[2], taken=True, person="Ana Lim", late=True)]
    await carry_out(journal, Plan(found=found, ledger=anew))

    have = await journal.last_handled(SERVER)
    assert out(have) == {ITEMS[2]: 2}
    assert have.hole == 1


async def test_what_a_backup_has_put_back_is_told_until_the_weapon_is_handled_again(journal: Journal) -> None:
    item, other, third = ITEMS
    await carry_out(journal, Plan(ledger=answering(1, 0)))
    await journal.append(SERVER, [handed(1, item, taken=True), handed(2, other, taken=True)])
    await journal.append(SERVER, [handed(3, item, taken=False), handed(4, third, taken=True)])
    anew = replace(answering(1, 2), era_row=await journal.last_row() + 1, era_first=3)
    await carry_out(journal, Plan(ledger=anew))

    undone = (await journal.last_handled(SERVER)).undone
    assert {name: (each.number, each.taken) for name, each in undone.items()} == {
        item: (3, False),
        third: (4, True),
    }

    await journal.append(SERVER, [handed(3, item, taken=False, minute=30)])
    assert set((await journal.last_handled(SERVER)).undone) == {third}


async def test_what_is_missing_of_a_gap_is_known_to_the_number(journal: Journal) -> None:
    item, other, _ = ITEMS
    await journal.append(SERVER, [handed(1, item, taken=True), handed(9, item, taken=False)])
    await carry_out(journal, Plan(gaps=[numbers(2, 8)], ledger=answering(1, 9)))
    found = [handed(8, other, taken=True, late=True), handed(7, other, taken=False, late=True)]
    await carry_out(journal, Plan(found=found))

    (lack,) = (await journal.last_handled(SERVER)).lacks

    assert lack.greatest == 6


async def test_only_what_is_open_and_of_transactions_is_missing(journal: Journal) -> None:
    away = Gap(reason=Reason.AWAY, streams=(Stream.TRANSACTIONS, Stream.INVENTORY), since=BEGIN, until=AT)
    others = Gap(reason=Reason.AWAY, streams=(Stream.NOTIFICATIONS,), since=BEGIN, until=AT)
    await journal.append(SERVER, [handed(1, ITEMS[0], taken=True), handed(3, ITEMS[0], taken=False)])
    await carry_out(journal, Plan(gaps=[numbers(2, 2)], ledger=answering(1, 3)))
    await carry_out(journal, Plan(found=[handed(2, ITEMS[1], taken=True, late=True)]))
    for gap in (away, others):
        await journal.attend(SERVER, "armorer1", Roll(heard={Stream.TRANSACTIONS: AT}, gap=gap_event(gap)))

    (lack,) = (await journal.last_handled(SERVER)).lacks

    assert lack.gap == away
    assert lack.greatest is None


async def test_what_has_not_come_yet_is_a_hole(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=answering(1, 0)))
    await journal.append(SERVER, [handed(number, ITEMS[0], taken=True) for number in (1, 2, 4, 5)])
    assert (await journal.last_handled(SERVER)).hole == 3

    await journal.append(SERVER, [handed(3, ITEMS[0], taken=False)])
    assert (await journal.last_handled(SERVER)).hole is None


async def test_the_last_status_set_by_hand_is_known(journal: Journal) -> None:
    item = ITEMS[0]
    await journal.append(SERVER, [handed(1, item, taken=True)])
    await journal.append(SERVER, [set_by_hand("IR-00077", "Retired"), set_by_hand("IR-00077", "Maintenance")])

    have = await journal.last_handled(SERVER)

    assert have.statuses[item].status == "Maintenance"
    assert have.statuses[item].place > have.last[item].place


async def test_it_is_known_from_which_transaction_on_the_log_answers(journal: Journal) -> None:
    await journal.append(SERVER, [handed(number, ITEMS[0], taken=True) for number in (7, 8)])
    await carry_out(journal, Plan(ledger=answering(8, 8)))

    assert (await journal.last_handled(SERVER)).first == (8, BEGIN + timedelta(minutes=8))
