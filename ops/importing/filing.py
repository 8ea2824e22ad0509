"""Files the rows of a batch as an integration, and follows them in the journal."""

from collections.abc import Mapping

from ops.broker_access import Access
from ops.filings.filing import answers, file_each
from ops.importing.batch import SOURCE, ImportBatch, RowEnding, RowFiling
from ops.importing.examining import in_cell
from ops.importing.outcomes import RowStatus
from ops.importing.rows import CellFault
from shared.clock import system_clock
from shared.contracts.catalogue import CERTIFICATE_IMPORTED, CERTIFICATE_ISSUED, FILING_REJECTED
from shared.contracts.certificates import CertificateIssued
from shared.contracts.event import Event
from shared.contracts.fault_codes import FilingFault
from shared.contracts.filing import FilingRejected
from shared.messaging.journal import Messages
from shared.messaging.publisher import Publisher

_Answer = CertificateIssued | FilingRejected
#: The events after which a row is answered. Of a certificate that has ended since, more may follow.
_ANSWERS: dict[str, type[_Answer]] = {CERTIFICATE_ISSUED.type: CertificateIssued, FILING_REJECTED.type: FilingRejected}


async def file_all(batch: ImportBatch, publisher: Publisher, access: Access) -> None:
    """File every row that has not ended, in the register's order.

    Raises:
        AccessError: the broker did not take one; nothing more is sent then.
    """

    async def file(filing: RowFiling) -> None:
        batch.note(filing, RowEnding(RowStatus.UNCLEAR))
        data = dict(filing.row.data)
        await publisher.announce(
            Event(id=filing.id, source=SOURCE, type=CERTIFICATE_IMPORTED.type, data=data, time=system_clock())
        )
        batch.note(filing, RowEnding(RowStatus.FILED))

    await file_each(batch.to_file, file, access)


async def follow(messages: Messages, batch: ImportBatch, headers: Mapping[str, str]) -> None:
    """Take in the answers that the journal brings, without an end."""
    async for filing, answer in answers(messages, batch, _ANSWERS):
        batch.note(filing, ending_of(answer, filing, headers))


def ending_of(answer: _Answer, filing: RowFiling, headers: Mapping[str, str]) -> RowEnding:
    """Return what the registry's answer says of a row."""
    match answer:
        case CertificateIssued(product_code=code):
            return RowEnding(RowStatus.IMPORTED, code)
        case FilingRejected(faults=(only,)) if only.code == FilingFault.ALREADY_IMPORTED:
            return RowEnding(RowStatus.IN_REGISTER, only.product_code or "")
        case FilingRejected(faults=faults):
            found: tuple[CellFault, ...] = tuple(in_cell(fault, filing.row, headers) for fault in faults)
            return RowEnding(RowStatus.REJECTED, _named(answer), found)


def _named(answer: FilingRejected) -> str:
    """Return the code of the product that the register has, where a fault names it."""
    return next((fault.product_code for fault in answer.faults if fault.product_code), "")
