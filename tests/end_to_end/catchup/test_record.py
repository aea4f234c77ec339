"""A server whose database is put back to an older copy: it is told, and nothing is lost or mixed up."""

from armguard_tray.diagnosis.ladder import Status
from armguard_tray.storage.record_change import KIND as RECORD_CHANGED
from tests.end_to_end.catchup.armory import Armory
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, JUAN, M4_00177

GLOCK, M4 = "GLOCK - BKP417", "M4 - 00177"


async def test_an_older_copy_of_its_database_was_put_back(armory: Armory) -> None:
    await armory.demo.stop()
    armory.copy()
    await armory.demo.start()
    async with armory.desk() as desk:
        await desk.goes_live()
        with armory.armorer() as armorer:
            before = [armorer.issue(JOSE, GLOCK_BKP417), armorer.take_back(JOSE, GLOCK_BKP417)]
        await desk.is_complete_to(before[-1])

        await armory.demo.stop()
        armory.put_copy_back()
        async with armory.pages_alone() as pages:
            with armory.armorer(pages) as armorer:
                again = [armorer.issue(JUAN, M4_00177), armorer.take_back(JUAN, M4_00177)]
        assert again == before, "the numbers begin again"
        armory.long_ago(again[0])
        await armory.demo.start()
        await desk.screen.until(lambda: any(each.event.kind == RECORD_CHANGED for each in desk.screen.stored))
        rung = await desk.tells_of_announcements()
        assert rung.status is Status.WARNING
        assert "The server's record" in rung.evidence

        await desk.is_complete_to(again[-1])
        log = [each.event for each in await desk.log()]
        for number in before:
            items = [each.item for each in log if each.transaction_id == number]
            assert list(filter(None, items)) == [GLOCK, M4], "both are in the log, in order"
        assert len([each for each in log if each.kind == RECORD_CHANGED]) == 1, "it is told once"
        lost = [each for each in log if each.gap is not None and each.gap.first is not None]
        assert lost == []
