"""Filing a batch: what is known of each dossier when the broker goes, and whose answers are believed."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aio_pika.abc import AbstractIncomingMessage

from ops.broker_access import Access, AccessError
from ops.dossiers.batch import DossierBatch
from ops.dossiers.filing import file_all, follow
from ops.dossiers.outcomes import DossierStatus, Ending
from ops.filings import filing
from shared.contracts.event import Event
from shared.errors import OutageError
from shared.messaging.publisher import Publisher
from tests.unit.ops.deliveries import delivery

ACCESS = Access("amqp://operator:secret@broker.example.vn/")
BATCH = "5b1c7a30-0000-4000-8000-000000000001"
REJECTED = {
    "dossier_id": "d1",
    "faults": [{"pointer": "/samples", "code": "samples-wrong", "message": {"vi": "5 mẫu", "en": "5 samples"}}],
}


class GoesAway(Publisher):
    """Confirms so many dossiers, and then the broker is away."""

    def __init__(self, confirms: int) -> None:
        super().__init__(ACCESS.url, service="tests", timeout_seconds=1)
        self.left = confirms

    async def announce(self, event: Event) -> None:
        if not self.left:
            raise OutageError(f"RabbitMQ did not take {event.type}: no answer in time")
        self.left -= 1


def batch_of(folder: Path, count: int) -> DossierBatch:
    files = [folder / f"{number}.json" for number in range(count)]
    for file in files:
        file.write_text("{}", "utf-8")
    return DossierBatch(BATCH, files)


async def test_when_the_broker_goes_each_dossier_is_accounted_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(filing, "MAX_IN_FLIGHT", 3)
    batch = batch_of(tmp_path, 6)

    with pytest.raises(AccessError, match=r"^the broker broker\.example\.vn:5672 has not taken all of it"):
        await file_all(batch, GoesAway(2), ACCESS, patience_seconds=None)

    assert [each.ending.outcome for each in batch.filings] == [
        *[DossierStatus.FILED] * 2,
        DossierStatus.UNCLEAR,
        *[DossierStatus.NOT_FILED] * 3,
    ]


async def test_what_holds_no_dossier_keeps_nothing_back(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, 3)
    batch.filings[1].file.write_text("[]", "utf-8")

    await file_all(batch, GoesAway(2), ACCESS, patience_seconds=None)

    assert [each.ending.outcome for each in batch.filings] == [
        DossierStatus.FILED,
        DossierStatus.UNREADABLE,
        DossierStatus.FILED,
    ]


class Confirms(Publisher):
    """Confirms every dossier, and remembers which came."""

    def __init__(self) -> None:
        super().__init__(ACCESS.url, service="tests", timeout_seconds=1)
        self.came: list[str] = []
        self.one_came = asyncio.Event()

    async def announce(self, event: Event) -> None:
        self.came.append(event.data["name"])
        self.one_came.set()


PLACE = {"product": {"province_code": "01", "commune_code": "09574"}}
NAMING_A_CODE = {"product_code": "01-09574-1-2026"}


def first_and_upgrade(folder: Path) -> DossierBatch:
    batch = batch_of(folder, 2)
    for filed, dossier in zip(
        batch.filings, ({"name": "first", **PLACE}, {"name": "upgrade", **NAMING_A_CODE}), strict=True
    ):
        filed.file.write_text(json.dumps(dossier), "utf-8")
    return batch


async def test_a_dossier_that_names_a_code_is_filed_when_the_product_is_answered(tmp_path: Path) -> None:
    batch, publisher = first_and_upgrade(tmp_path), Confirms()
    first, _ = batch.filings

    filing_all = asyncio.create_task(file_all(batch, publisher, ACCESS, patience_seconds=30))
    await publisher.one_came.wait()
    came_first = list(publisher.came)
    batch.note(first, Ending(DossierStatus.RATED))
    await filing_all

    assert came_first == ["first"]
    assert publisher.came == ["first", "upgrade"]


async def test_without_an_answer_it_is_not_filed_and_says_what_it_waited_for(tmp_path: Path) -> None:
    batch, publisher = first_and_upgrade(tmp_path), Confirms()
    first, upgrade = batch.filings

    await file_all(batch, publisher, ACCESS, patience_seconds=0.01)

    assert publisher.came == ["first"]
    assert upgrade.ending is not None
    assert (upgrade.ending.outcome, upgrade.ending.reason) == (
        DossierStatus.NOT_FILED,
        f"waited for the answer to {first.file}",
    )


async def test_where_nobody_follows_the_answers_it_does_not_wait(tmp_path: Path) -> None:
    batch, publisher = first_and_upgrade(tmp_path), Confirms()

    await file_all(batch, publisher, ACCESS, patience_seconds=None)

    assert publisher.came == ["first", "upgrade"]


async def answered(
    batch: DossierBatch, *, user: str | None, data: Any = REJECTED, to: str | None = None
) -> DossierStatus:
    """Yield what is known of the first dossier once the journal has brought an answer."""
    type = "vn.ocop.dossier.rejected.v1"
    headers = {"ce-specversion": "1.0", "ce-id": "r1", "ce-source": "/ocop/registry", "ce-type": type}
    message = delivery(
        json.dumps(data).encode(),
        headers=headers,
        content_type="application/json",
        correlation_id=to or batch.filings[0].id,
        message_type=type,
        exchange="ocop.journal",
        user_id=user,
    )

    async def journal() -> AsyncIterator[AbstractIncomingMessage]:
        yield message

    await follow(journal(), batch)
    return batch.filings[0].ending.outcome


async def test_an_answer_ends_its_dossier(tmp_path: Path) -> None:
    assert await answered(batch_of(tmp_path, 1), user="registry") is DossierStatus.DOSSIER_REJECTED


@pytest.mark.parametrize(
    "strange",
    [
        pytest.param({"user": "integration.portal"}, id="an integration's word"),
        pytest.param({"user": None}, id="nobody's word"),
        pytest.param({"user": "evaluation"}, id="a service's that does not announce it"),
        pytest.param({"user": "registry", "to": "another"}, id="another's answer"),
        pytest.param({"user": "registry", "data": {"later": "version"}}, id="what nobody here can read"),
    ],
)
async def test_what_is_no_answer_of_a_service_to_it_changes_nothing(strange: dict[str, Any], tmp_path: Path) -> None:
    assert await answered(batch_of(tmp_path, 1), **strange) is DossierStatus.NOT_FILED
