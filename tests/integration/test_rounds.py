"""Rounds on the real broker and database: from the dossier to the certificate, and what does not fit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from ops.access.broker import definitions
from ops.broker_access import Access
from ops.importing.batch import ImportBatch
from ops.importing.importing import import_rows
from ops.importing.results import read_earlier
from ops.importing.rows import ReadRow
from ops.importing.sheet import opened, rows_of
from shared.clock import system_clock
from shared.contracts.envelope import read
from shared.contracts.event import Event
from shared.integrations import load_integrations
from shared.legal_date import legal_date
from shared.scopes import Role, Scope
from shared.storage import Collection, StoredDocument
from tests.integration.dossiers import new_dossier
from tests.integration.portal import PATIENCE_SECONDS
from tests.integration.running import APPS, running_service
from tests.integration.test_councils import Office, card, conclusion, office
from tests.unit.evaluation.councils import MEMBERS
from tests.unit.registry.lives import imported
from tests.unit.registry.test_round_filings import REPORT
from tools.stack import LocalStack

COMMUNES = ("07918", "07954", "07909", "07894")
USERS = {"commune": "integration.xa", "province": "integration.phu-tho", "centre": "integration.bo"}
FILE = """
xa: {scope: {commune: ["25-07918", "25-07954", "25-07909", "25-07894"]}, listens_to: [round.moved]}
phu-tho: {scope: {province: "25"}, listens_to: [round.moved]}
bo: {scope: centre, listens_to: [round.moved]}
"""
_SESSIONS, _PRODUCTS = count(1), count()


class Offices:
    """The offices of a province and the ministry, and all that is announced."""

    def __init__(self, offices: dict[str, Office], inbox: aio_pika.abc.AbstractQueue) -> None:
        self._offices, self._inbox = offices, inbox
        self._seen: list[Event] = []

    async def file(self, role: str, kind: str, data: dict[str, Any], *, times: int = 1) -> str:
        return await self._offices[role].file(kind, data, times=times)

    async def event(self, kind: str, *, of: str, **data: Any) -> Event:
        """Wait for an event about a product, or one that answers a filing, with these data."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._inbox.iterator(no_ack=True) as messages:
            while not (found := [each for each in self._seen if _fits(each, kind, of, data)]):
                message = await anext(messages)
                self._seen.append(read(message.headers, message.content_type, message.body))
        return found[-1]

    async def answer(self, filing: str) -> Event:
        """Wait for the rejection of a filing."""
        return await self.event("filing.rejected", of=filing)

    async def rated(self, code: str, level: str, totals: tuple[int, int, int], today: str) -> Event:
        """Hold a council on a product."""
        session = f"phien-{next(_SESSIONS)}"
        convened: dict[str, Any] = {
            "session": session,
            "level": level,
            "province_code": "25" if level == "province" else None,
            "regulation": f"{level}-default",
            "members": list(MEMBERS[: 3 if level == "province" else 7]),
            "products": [code],
        }
        members = [each["id"] for each in convened["members"]]
        scores = [totals[position % 3] for position in range(len(members))]
        await self.file(level, "council.convened", convened)
        for member, total in zip(members, scores, strict=True):
            await self.file(level, "scorecard.filed", card(session, code, member, total))
        await self.file(level, "council.concluded", conclusion(session, code, members, held_on=today))
        return await self.event("council.result", of=code, session=session)


def _fits(event: Event, kind: str, of: str, data: dict[str, Any]) -> bool:
    is_about = of in {event.subject, event.causation_id}
    return event.type == f"vn.ocop.{kind}.v1" and is_about and data.items() <= event.data.items()


@pytest.fixture(scope="module")
async def own_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A broker that knows these offices, two registries and an evaluation."""
    folder: Path = tmp_path_factory.mktemp("rounds")
    file = folder / "integrations.yaml"
    file.write_text(FILE, "utf-8")
    content = definitions(load_integrations(file), delay_milliseconds=300)
    async with AsyncExitStack() as running:
        stack = await running.enter_async_context(LocalStack(folder, definitions=content, fresh=True))
        for name in ("registry", "registry", "evaluation"):
            await running.enter_async_context(running_service(stack, APPS[name], integrations=file))
        yield stack


@pytest.fixture
async def offices(own_stack: LocalStack) -> AsyncIterator[Offices]:
    async with AsyncExitStack() as open_:
        opened = {role: await open_.enter_async_context(office(own_stack, user)) for role, user in USERS.items()}
        connection = await open_.enter_async_context(await aio_pika.connect(own_stack.amqp_url))
        inbox = await (await connection.channel()).declare_queue(exclusive=True)
        await inbox.bind("ocop.events", "#")
        yield Offices(opened, inbox)


@pytest.fixture
def today() -> str:
    return legal_date(system_clock()).isoformat()


def letter(today: str) -> dict[str, str]:
    return {"number": "12/BC-UBND", "date": today}


async def registered(offices: Offices) -> tuple[str, dict[str, Any]]:
    """File a first dossier of a new product, and return its code and the dossier."""
    dossier = new_dossier(province_code="25", commune_code=COMMUNES[next(_PRODUCTS) % 4])
    submitted = await offices.event("product.submitted", of=await offices.file("commune", "dossier.filed", dossier))
    return submitted.data["product_code"], dossier


async def forwarded(offices: Offices, code: str, today: str, *, times: int = 1) -> Event:
    data = {"product_code": code, "outcome": "forwarded", "report": REPORT, "letter": letter(today)}
    filing = await offices.file("commune", "commune.assessed", data, times=times)
    return await offices.event("round.moved", of=filing)


async def test_a_life_from_the_dossier_to_the_minister_s_certificate(offices: Offices, today: str) -> None:
    code, dossier = await registered(offices)
    await forwarded(offices, code, today, times=2)
    await offices.file("province", "dossier.returned", {"product_code": code, "reasons": ["Thiếu nhãn."]})
    await offices.event("round.moved", of=code, to_stage="returned")
    corrected = await offices.file("commune", "dossier.filed", dossier)
    went_on = await offices.event("round.moved", of=corrected)
    await forwarded(offices, code, today)
    provincial = await offices.rated(code, "province", (92, 91, 93), today)
    await offices.event("round.moved", of=code, to_stage="awaits-province")
    await offices.file("province", "result.approved", {"product_code": code, "letter": letter(today)})
    await offices.event("product.referred", of=code)
    central = await offices.rated(code, "centre", (91, 92, 91), today)
    await offices.event("round.moved", of=code, to_stage="awaits-centre")
    decided = {"product_code": code, "stars": 5, "decision": letter(today), "certificate_number": "01/2026"}
    decision = await offices.file("centre", "recognition.decided", decided, times=2)
    issued = await offices.event("certificate.issued", of=decision)
    closed = await offices.event("round.moved", of=decision)

    assert (went_on.data["round"], went_on.data["to_stage"]) == (1, "at-commune")
    assert (provincial.data["stars"], central.data["stars"]) == (5, 5)
    assert (issued.data["certificate"]["stars"], issued.data["certificate"]["authority"]) == (5, "centre")
    assert issued.data["token"].count(".") == 2
    assert (closed.data["closing"], closed.sequence) == ("recognised", issued.sequence)


async def test_a_recognition_that_comes_before_its_council_s_result_waits_for_it(offices: Offices, today: str) -> None:
    code, _ = await registered(offices)
    await forwarded(offices, code, today)
    decided = {"product_code": code, "stars": 4, "decision": letter(today), "certificate_number": "02/2026"}
    decision = await offices.file("province", "recognition.decided", decided)
    await offices.rated(code, "province", (84, 85, 86), today)

    issued = await offices.event("certificate.issued", of=decision)

    assert issued.data["certificate"]["average"]["shown"] == "85.00"


async def test_two_products_have_not_one_certificate_number(offices: Offices, today: str) -> None:
    codes = [(await registered(offices))[0] for _ in range(2)]
    for code in codes:
        await forwarded(offices, code, today)
        await offices.rated(code, "province", (84, 85, 86), today)
        await offices.event("round.moved", of=code, to_stage="awaits-province")
    decided = {"stars": 3, "decision": letter(today), "certificate_number": "03/2026"}
    first = await offices.file("province", "recognition.decided", decided | {"product_code": codes[0]})
    await offices.event("certificate.issued", of=first)
    second = await offices.file("province", "recognition.decided", decided | {"product_code": codes[1]})
    (fault,) = (await offices.answer(second)).data["faults"]

    assert (fault["pointer"], fault["code"]) == ("/certificate_number", "certificate-number-taken")
    withdrawn = await offices.file("commune", "dossier.withdrawn", {"product_code": codes[1]})
    assert (await offices.event("round.moved", of=withdrawn)).data["closing"] == "withdrawn"


@pytest.mark.parametrize(
    ("role", "kind", "product", "code"),
    [
        ("commune", "commune.assessed", "25-07918-99-2026", "product-unknown"),
        ("centre", "recognition.refused", "01-09574-1-2026", "product-unknown"),
        ("province", "recognition.refused", "01-09574-1-2026", "out-of-scope"),
    ],
)
async def test_what_is_of_no_product_or_of_another_place_is_answered_at_last(
    offices: Offices, role: str, kind: str, product: str, code: str
) -> None:
    data = {"product_code": product, "outcome": "returned", "reasons": ["Thiếu nhãn."], "letter": letter("2026-11-20")}

    rejected = await offices.answer(await offices.file(role, kind, data))

    assert [each["code"] for each in rejected.data["faults"]] == [code]


async def test_what_does_not_fit_gets_its_own_answer_and_moves_nothing(offices: Offices, today: str) -> None:
    """Of a product that waits for the province with 3 stars: each filing alone, on the real broker."""
    code, _ = await registered(offices)
    await forwarded(offices, code, today)
    await offices.rated(code, "province", (60, 61, 62), today)
    await offices.event("round.moved", of=code, to_stage="awaits-province")
    about = {"product_code": code}
    decided = about | {"stars": 3, "decision": letter(today), "certificate_number": f"{code}/thử"}
    revoked = {"certificate_number": "0", "ground": "e", "reason": "x", "decision": letter(today)}
    filings: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("stars-above-result", "recognition.decided", decided | {"stars": 4}),
        ("stars-of-another-authority", "recognition.decided", decided | {"stars": 5}),
        ("date-in-future", "recognition.decided", decided | {"decision": letter("2999-01-01")}),
        ("date-too-early", "recognition.decided", decided | {"decision": letter("2020-01-01")}),
        ("result-not-referable", "result.approved", about | {"letter": letter(today)}),
        ("round-elsewhere", "dossier.returned", about | {"reasons": ["Thiếu nhãn."]}),
        ("round-unknown", "recognition.refused", about | {"round": 7, "reasons": ["Thiếu nhãn."]}),
        ("not-the-filer", "dossier.withdrawn", about),
        ("certificate-unknown", "recognition.revoked", about | revoked | {"concluded_on": today}),
    )
    for wrong, kind, data in filings:
        rejected = await offices.answer(await offices.file("province", kind, data))
        assert wrong in {fault["code"] for fault in rejected.data["faults"]}, wrong

    recognised = await offices.file("province", "recognition.decided", decided)
    moved = await offices.event("round.moved", of=recognised)
    assert (moved.data["from_stage"], moved.data["closing"]) == ("awaits-province", "recognised")
    number, report = decided["certificate_number"], {"outcome": "forwarded", "letter": letter(today)}
    corrected = about | {"certificate_number": number, "letter": letter(today), "reason": "x"}
    paper = {"product_code": code, "product.province_code": "25", "product.commune_code": code.split("-")[1]}
    dated = {"certificate.number": number, "certificate.decision.date": today, "certificate.last_day": "2029-01-01"}
    late: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("round-closed", "province", "recognition.decided", decided),
        ("content-missing", "commune", "commune.assessed", about | report),
        ("nothing-corrected", "province", "recognition.corrected", corrected),
        ("already-imported", "province", "certificate.imported", imported(paper | dated)),
        ("stars-of-another-authority", "centre", "recognition.corrected", corrected | {"stars": 4}),
    )
    for wrong, role, kind, data in late:
        rejected = await offices.answer(await offices.file(role, kind, data))
        assert wrong in {fault["code"] for fault in rejected.data["faults"]}, wrong
    ends = about | revoked | {"certificate_number": number, "concluded_on": today}
    revoking = await offices.file("province", "recognition.revoked", ends)
    assert (await offices.event("certificate.revoked", of=revoking)).data["certificate"]["number"] == number
    again = await offices.answer(await offices.file("province", "recognition.corrected", corrected | {"stars": 4}))
    assert [fault["code"] for fault in again.data["faults"]] == ["certificate-ended"]


def rows_in(file: Path) -> list[ReadRow]:
    scope = Scope(Role.PROVINCE, frozenset({"25"}))
    open_sheet = opened(file, {}, None)
    return rows_of(open_sheet, scope, date(2026, 11, 29), home="25", chosen={}, choose=lambda *_: None)


SHEET = """Mã SP;Tên sản phẩm;Bộ SP;Xã;Chủ thể;MST;Số GCN;Số sao;Quyết định
25-238-08674-3-2022;Chè xanh Yên Kỳ;11;07918;HTX Chè Yên Kỳ;2609990011;3/2022;4 sao;9/QĐ-UBND ngày 3/6/2022
25-07954-900-2026;Mì gạo Hùng Lô;6;07954;HTX Mì gạo Hùng Lô;2609990011;4/2026;★★★;12/QĐ-UBND ngày 5/8/2026
25-238-08674-4-2024;Chè xanh Yên Kỳ;11;07918;HTX Chè Yên Kỳ;2609990011;1/2024;3;2/QĐ-UBND ngày 1-2-24
"""


async def test_a_sheet_comes_in_once_and_goes_on_where_it_was_broken_off(
    own_stack: LocalStack, offices: Offices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the register has costs no look for its commune's last serial, which is dear where a commune has many."""
    looks, pages = [], Collection.pages

    def noted(self: Collection, query: dict[str, Any], **options: Any) -> AsyncIterator[list[StoredDocument]]:
        looks.append(query.get("registered.code", {}).get("$gt"))
        return pages(self, query, **options)

    file, result = tmp_path / "san-pham.csv", tmp_path / "san-pham.csv.result.csv"
    file.write_text(SHEET, "utf-8")
    accesses = [Access(own_stack.credentials(user).amqp_url) for user in ("integration.phu-tho", "operator")]

    async def imported_by(batch: ImportBatch) -> dict[int, tuple[str, str]]:
        integration, operator = accesses
        await import_rows(
            batch,
            result,
            {},
            integration=integration,
            operator=operator,
            patience_seconds=PATIENCE_SECONDS,
            as_json=True,
        )
        return {each.row.number: (each.ending.outcome.value, each.ending.product_code) for each in batch.filings}

    rows = rows_in(file)
    first = await imported_by(ImportBatch("first", rows[1:]))
    earlier = read_earlier(result)
    assert earlier
    resumed = ImportBatch(earlier.batch, rows, earlier.known)
    filed = [each.row.number for each in resumed.to_file]
    again = await imported_by(resumed)
    monkeypatch.setattr(Collection, "pages", noted)
    anew = await imported_by(ImportBatch("another run", rows))

    assert first == {3: ("imported", "25-07954-900-2026"), 4: ("imported", "25-07918-1-2024")}
    assert filed == [2]
    assert again == first | {2: ("rejected", "25-07918-1-2024")}
    assert anew == {
        2: ("rejected", "25-07918-1-2024"),
        3: ("in-register", "25-07954-900-2026"),
        4: ("in-register", "25-07918-1-2024"),
    }
    assert {*looks}.isdisjoint({"25-07918-", "25-07954-"})
    issued = await offices.event("certificate.issued", of="25-07918-1-2024")
    assert (issued.filed_by, issued.data["former_code"]) == (USERS["province"], "25-238-08674-4-2024")
