"""The table of faults."""

from typing import Final

from tests.faults.account_faults import ACCOUNT_FAULTS
from tests.faults.desk_faults import DESK_FAULTS
from tests.faults.fault import Fault
from tests.faults.link_faults import LINK_FAULTS
from tests.faults.redis_faults import REDIS_FAULTS
from tests.faults.server_faults import SERVER_FAULTS

FAULTS: Final[tuple[Fault, ...]] = (
    *LINK_FAULTS,
    *SERVER_FAULTS,
    *REDIS_FAULTS,
    *ACCOUNT_FAULTS,
    *DESK_FAULTS,
)
