"""What the demo server serves over HTTP, and the armory's rules."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import (
    DATABASE,
    GLOCK_BKP417,
    JOSE,
    JUAN,
    M4_00077,
    M4_00177,
    OLD_QR_M14,
    RETIRED_M14,
    SANTOS,
    DemoClient,
    running_demo,
)
from tests.server.html_tables import table_with
from tests.server.sockets import MANILA

HISTORY = ["ID", "Personnel", "Item", "Action", "Date/Time", "Notes", "Actions"]
ISSUED_NOW = ["Date/Time", "Personnel", "Item Type", "Serial", "Notes"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-with-history")


@pytest.fixture(scope="module")
def server_with_history(data_dir: Path) -> Iterator[DemoServer]:
    """Run a server with 45 transactions of the past six days: three pages."""
    with running_demo(history=45, seed=3, data_dir=data_dir) as server:
        yield server


@pytest.fixture
def reader(server_with_history: DemoServer) -> Iterator[DemoClient]:
    with DemoClient(server_with_history) as client:
        client.log_in()
        yield client


# Transactions


def test_history_row_reads_as_the_contract_says(armorer: DemoClient) -> None:
    made = armorer.issue(JOSE, GLOCK_BKP417)
    page = armorer.http.get("/transactions/?history=day").text
    number, person, item, action, when, _notes, _links = table_with(HISTORY, page)[0]
    assert (number, item) == (f"#{made}", "GLOCK - BKP417")
    assert person == "José <B>X</B> Peña A1C"
    assert "José &lt;B&gt;X&lt;/B&gt; Peña <small>A1C</small>" in page
    assert action.startswith("Withdraw")
    shown = datetime.strptime(when, "%d/%m/%y %H:%M:%S")  # noqa: DTZ007 - the page gives no offset
    assert abs(shown - datetime.now(MANILA).replace(tzinfo=None)) < timedelta(minutes=30)


def test_return_reads_return_and_newest_is_first(armorer: DemoClient) -> None:
    issued = armorer.issue()
    returned = armorer.take_back()
    rows = table_with(HISTORY, armorer.http.get("/transactions/").text)
    assert [row[0] for row in rows[:2]] == [f"#{returned}", f"#{issued}"]
    assert rows[0][3] == "Return"


def test_issued_now_lists_what_is_out(armorer: DemoClient) -> None:
    def out() -> list[list[str]]:
        return [row[1:4] for row in table_with(ISSUED_NOW, armorer.http.get("/transactions/").text)]

    armorer.issue()
    assert out() == [["Juan Dela Cruz Sgt", "M4", "00077"]]
    armorer.take_back()
    assert ["Juan Dela Cruz Sgt", "M4", "00077"] not in out()


def test_twenty_rows_a_page_newest_first_and_404_past_the_end(reader: DemoClient) -> None:
    pages = [reader.http.get(f"/transactions/?history=month&page={page}") for page in (1, 2, 3)]
    rows = [table_with(HISTORY, page.text) for page in pages]
    assert [len(page) for page in rows] == [20, 20, 5]
    ids = [int(row[0].removeprefix("#")) for page in rows for row in page]
    assert ids == list(range(45, 0, -1))
    assert reader.http.get("/transactions/?history=month&page=4").status_code == 404


def test_periods_narrow_the_history(reader: DemoClient) -> None:
    counts = [
        len(table_with(HISTORY, reader.http.get(f"/transactions/?history={period}").text))
        for period in ("day", "week", "month")
    ]
    assert counts[0] < counts[1] == counts[2] == 20


def test_transaction_has_a_page(armorer: DemoClient) -> None:
    made = armorer.issue()
    page = armorer.http.get(f"/transactions/{made}/")
    assert page.status_code == 200
    assert "Juan Dela Cruz" in page.text
    assert "Guard Duty" in page.text
    assert armorer.http.get("/transactions/999999/").status_code == 404


def test_home_lists_every_item_and_its_holder(armorer: DemoClient) -> None:
    armorer.issue(JOSE, OLD_QR_M14)
    page = armorer.http.get("/").text
    headers = ["No.", "Item", "Status", "Condition", "Holder", "ID"]
    (row,) = (row for row in table_with(headers, page) if row[-1] == OLD_QR_M14)
    assert row[1:5] == ["M14 - 30417", "Issued", "Good", "José <B>X</B> Peña A1C"]
    assert "<B>" not in page


# JSON


def test_item_as_json(armorer: DemoClient) -> None:
    assert armorer.http.get(f"/api/items/{M4_00077}/").json() == {
        "id": M4_00077,
        "item_type": "M4",
        "serial": "00077",
        "status": "Available",
        "condition": "Good",
        "description": "",
        "item_number": 1,
        "qr_image_url": "",
    }
    armorer.issue()
    assert armorer.http.get(f"/api/items/{M4_00077}/").json()["status"] == "Issued"


def test_person_as_json(armorer: DemoClient) -> None:
    armorer.issue(JOSE, GLOCK_BKP417)
    assert armorer.http.get(f"/api/personnel/{JOSE}/").json() == {
        "id": JOSE,
        "firstname": "José <B>X</B>",
        "surname": "Peña",
        "full_name": "José <B>X</B> Peña",
        "rank": "A1C",
        "serial": "901377",
        "group": "HAS",
        "status": "Active",
        "classification": "ENLISTED PERSONNEL",
        "has_issued_firearm": True,
    }


@pytest.mark.parametrize("path", ["/api/items/none/", "/api/personnel/none/"])
def test_unknown_id_is_404_with_an_error(armorer: DemoClient, path: str) -> None:
    answer = armorer.http.get(path)
    assert answer.status_code == 404
    assert list(answer.json()) == ["error"]


def test_id_from_an_old_qr_code_works_everywhere(armorer: DemoClient) -> None:
    quoted = "M14%20%2330417%20(old%20QR)"
    assert armorer.http.get(f"/api/items/{quoted}/").json()["id"] == OLD_QR_M14
    assert OLD_QR_M14 in armorer.http.get(f"/inventory/{quoted}/").text


# Rules


def refused(client: DemoClient, action: str, personnel_id: str, item_id: str) -> str:
    form = {"action": action, "personnel_id": personnel_id, "item_id": item_id}
    answer = client.post_form("/transactions/new/", form)
    assert answer.status_code == 200, "the rule was not enforced"
    return answer.text


def test_item_is_out_once_at_a_time(armorer: DemoClient) -> None:
    armorer.issue(JUAN, M4_00077)
    assert "cannot be issued: it is Issued" in refused(armorer, "Take", SANTOS, M4_00077)


def test_person_holds_one_item(armorer: DemoClient) -> None:
    armorer.issue(JUAN, M4_00077)
    assert "already holds M4 - 00077" in refused(armorer, "Take", JUAN, M4_00177)


def test_only_the_holder_returns_an_item(armorer: DemoClient) -> None:
    armorer.issue(JUAN, M4_00077)
    assert "does not hold" in refused(armorer, "Return", SANTOS, M4_00077)


def test_retired_item_and_one_in_maintenance_stay_in(armorer: DemoClient) -> None:
    assert "it is Retired" in refused(armorer, "Take", JUAN, RETIRED_M14)
    armorer.change_status(M4_00177, "Maintenance")
    assert "it is Maintenance" in refused(armorer, "Take", JUAN, M4_00177)
    armorer.change_status(M4_00177, "Available")


def test_unknown_item_and_person_are_refused(armorer: DemoClient) -> None:
    assert "There is no item none" in refused(armorer, "Take", JUAN, "none")
    assert "There is no person none" in refused(armorer, "Take", "none", M4_00077)


def test_status_of_an_issued_item_is_not_changed_by_hand(armorer: DemoClient) -> None:
    armorer.issue()
    answer = armorer.post_form(f"/inventory/{M4_00077}/status/", {"status": "Maintenance"})
    assert answer.status_code == 200
    assert "only a transaction issues an item" in answer.text


def test_json_endpoint_keeps_the_same_rules(armorer: DemoClient) -> None:
    armorer.issue()
    said = {"action": "Take", "personnel_id": SANTOS, "item_id": M4_00077}
    token = {"X-CSRFToken": armorer.http.cookies["csrftoken"]}
    answer = armorer.http.post("/api/transactions/", json=said, headers=token)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert armorer.http.post("/api/transactions/", content="[", headers=token).status_code == 400
    assert armorer.http.post("/api/transactions/", json=[], headers=token).status_code == 400
    assert armorer.http.post("/api/transactions/", json={}, headers=token).status_code == 400
    assert armorer.http.post("/api/transactions/", json=said).status_code == 403


@pytest.mark.parametrize(
    "breach",
    [
        "UPDATE demo_item SET status = 'Issued' WHERE status = 'Available'",
        "UPDATE demo_item SET status = 'Maintenance' WHERE status = 'Issued'",
        "UPDATE demo_item SET holder_id = (SELECT max(holder_id) FROM demo_item) WHERE status = 'Retired'",
        "UPDATE demo_item SET holder_id = (SELECT max(holder_id) FROM demo_item) WHERE status = 'Issued'",
    ],
    ids=["issued without holder", "in maintenance while out", "retired yet out", "two items for one person"],
)
def test_database_keeps_the_rules_by_itself(
    server_with_history: DemoServer, data_dir: Path, breach: str
) -> None:
    assert server_with_history.pid
    with closing(sqlite3.connect(data_dir / DATABASE)) as database:
        out = database.execute("SELECT count(*) FROM demo_item WHERE status = 'Issued'").fetchone()[0]
        assert out >= 2, "the history leaves too little out to test with"
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(breach)
