"""What is on record as it is read: what another version wrote, and what senders chose."""

import asyncio
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from ops.commands import json_line
from ops.database_reader import Reader
from ops.dossiers.checking import check
from ops.history import show
from ops.history.happenings import subject_of
from ops.history.products import alert_of, assessments, product_of, rating_of
from ops.history.records import Record, RecordReader, read_record
from ops.history.show import print_ratings, told_product
from ops.history.sources import from_records
from ops.operator_settings import AccessError, OperatorSettings
from services.evaluation.rulebook import load_sheet
from shared.contracts.dossier import Dossier
from shared.contracts.product import ProductSubmitted
from shared.contracts.text import Bilingual, Fault
from shared.handling.records import announced_in
from shared.system import SYSTEM
from tests.unit.registry.dossiers import changed

PHONE = "024 3383 0000"
MAIL = "hoa@example.vn"
EVENT = {"id": "7d1f2c1e", "source": "/portals/x", "correlation_id": "7d1f2c1e", "filed_by": "integration.portal"}
#: An event whose sender has put an address into its id.
PERSONAL = {"id": f"{MAIL}/2026", "source": f"mailto:{MAIL}", "correlation_id": f"{MAIL}/2026"}


def document(type: str, **data: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return {"event": EVENT, "recorded_at": at, "announced": [{"id": "a", "type": f"vn.ocop.{type}.v1", "data": data}]}


def record(type: str, *, event: dict[str, str] = EVENT, fields: dict[str, Any] | None = None, **data: Any) -> Record:
    return read_record("registry", document(type, **data) | {"event": event} | (fields or {}))


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: rating_of(record("product.rated", product_name=PHONE)), id="a rating"),
        pytest.param(lambda: product_of([record("product.submitted", dossier={"x": PHONE})], []), id="a dossier"),
        pytest.param(lambda: product_of([record("product.sold", buyer=PHONE)], []), id="an unknown event"),
        pytest.param(lambda: read_record("registry", {"event": EVENT, "recorded": PHONE}), id="other fields"),
        pytest.param(lambda: alert_of(record("alert.delivered")), id="an alert"),
    ],
)
def test_a_record_of_another_version_is_named_and_not_repeated(read: Any) -> None:
    with pytest.raises(AccessError, match="the record of 7d1f2c1e is of another version") as raised:
        read()

    assert raised.value.__suppress_context__
    assert PHONE not in str(raised.value)


def test_what_evaluation_has_on_record_of_councils_is_no_rating() -> None:
    of_dossier = record("product.rated", event={**EVENT, "type": "vn.ocop.product.submitted.v1"})
    of_council = record("council.result", event={**EVENT, "type": "vn.ocop.council.concluded.v1"})

    assert assessments([of_council, of_dossier]) == [of_dossier]


def test_what_senders_chose_is_masked() -> None:
    dossier = changed({"/product/name": f"Bánh tẻ {PHONE}"})
    filed = ProductSubmitted(product_code="01-09574-1-2026", dossier_id=PERSONAL["id"], dossier=Dossier(**dossier))
    rated = check(load_sheet, dossier).rating
    assert rated is not None
    registered = record("product.submitted", event=PERSONAL, **filed.model_dump(mode="json"))
    evaluated = record("product.rated", event=PERSONAL, **rated.model_dump(mode="json"))
    product, rating = product_of([registered], [evaluated]), rating_of(evaluated)
    assert product is not None

    output = StringIO()
    console = Console(file=output, width=200)
    console.print(*told_product(product, reveal=False), sep="\n")
    print_ratings(console, [rating])
    shown = output.getvalue() + json_line(product.as_json(reveal=False)) + json_line(rating.as_json())

    assert "Bánh tẻ [phone]" in shown
    assert [value for value in (PHONE, MAIL) if value in shown] == []


@pytest.mark.parametrize(("recorded_on", "is_said"), [(24, True), (30, False)])
def test_of_an_older_product_it_says_that_rejections_may_be_missing(recorded_on: int, is_said: bool) -> None:
    filed = ProductSubmitted(product_code="01-09574-1-2026", dossier_id="d", dossier=Dossier(**changed({})))
    at = {"recorded_at": datetime(2026, 11, recorded_on, tzinfo=UTC)}
    product = product_of([record("product.submitted", fields=at, **filed.model_dump(mode="json"))], [])
    assert product is not None
    console = Console(file=StringIO(), width=200)

    console.print(*told_product(product, reveal=False), sep="\n")

    said = "Those that were rejected until 29 November 2026 may be missing: ocop trace 01-09574-1-2026"
    assert (said in console.file.getvalue()) is is_said  # type: ignore[attr-defined]


def test_an_alert_does_not_show_an_address_that_is_an_id() -> None:
    said = dict.fromkeys(("alert_id", "kind", "channel", "language", "outcome", "detail", "product_code", "subject"))

    shown = alert_of(record("alert.delivered", event=PERSONAL, fields=said))

    assert (shown["about"], shown["dossier_id"]) == ("[e-mail]/2026", "[e-mail]/2026")


class Asked(Reader):
    """Has one record of each service, and counts how often it was asked."""

    def __init__(self, correlation_id: str) -> None:
        super().__init__("mongodb://127.0.0.1:1/")
        self.event, self.times = EVENT | {"correlation_id": correlation_id}, 0

    async def find(self, *_: Any, **__: Any) -> list[dict[str, Any]]:
        self.times += 1
        return [document("product.rated") | {"event": self.event}]


class Stored(Reader):
    """Has these documents, each found by what one field of it is."""

    def __init__(self, **documents: list[dict[str, Any]]) -> None:
        super().__init__("mongodb://127.0.0.1:1/")
        self.documents = documents

    async def find(self, service: str, collection: str, query: Any, **_: Any) -> list[dict[str, Any]]:
        assert collection == SYSTEM.collections[service]
        ((path, asked),) = query.items()
        wanted = asked["$in"] if isinstance(asked, dict) else [asked]
        return [each for each in self.documents.get(service, []) if _at(each, path) in wanted]


def _at(document: dict[str, Any], path: str) -> Any:
    for name in path.split("."):
        document = document.get(name, {})
    return document


def test_a_product_has_its_rejected_dossiers_too_and_the_alerts_to_them() -> None:
    """In their records there is no product's code as a field of its own: what was rejected moved no product."""
    code, later = "01-09574-1-2026", datetime(2026, 11, 25, tzinfo=UTC)
    fault = Fault(pointer="", code="no-certificate-in-force", message=Bilingual(vi="Chưa.", en="None."))
    rejected = document("dossier.rejected", dossier_id="d2", faults=[fault.model_dump()])
    rejected |= {"_id": "k2", "rejected": {"of": code, "key": "k2"}, "recorded_at": later, "dead_letter": None}
    rejected["announced"][0] |= {"source": "/ocop/registry", "time": later.isoformat()}
    (announced,) = announced_in(rejected)
    submitted = document("product.submitted") | {"_id": "k1", "product_code": code}
    alert = document("alert.delivered") | {"_id": announced.key, "product_code": None}
    other = document("alert.delivered") | {"_id": "k4", "product_code": None}

    async def found(service: str) -> list[str]:
        return [record.document["_id"] for record in await RecordReader(reader).of(service, code)]

    with closing(Stored(registry=[rejected, submitted], notifications=[other, alert])) as reader:
        assert asyncio.run(found("registry")) == ["k1", "k2"]
        assert asyncio.run(found("notifications")) == [announced.key]


def test_why_nobody_was_alerted_to_a_rejection_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(pointer="/samples", code="samples-wrong", message=Bilingual(vi="Sai.", en="Wrong."))
    data = {"dossier_id": "d2", "faults": [fault.model_dump()], "repeated": True}
    with closing(Stored(registry=[document("dossier.rejected", **data)])) as reader:
        monkeypatch.setattr(show, "opened_records", lambda _: nullcontext(RecordReader(reader)))
        code = asyncio.run(show.write_alerts(OperatorSettings(None, None, None, (), None), "7d1f2c1e", as_json=False))

    assert (code, capsys.readouterr().err) == (1, "ocop: 7d1f2c1e: no alert: the producer was told the same before\n")


@pytest.mark.parametrize(("story", "times"), [("7d1f2c1e", 3), ("another", 6)])
async def test_the_whole_collections_are_gone_through_twice_only_for_the_rest_of_a_story(
    story: str, times: int
) -> None:
    with closing(Asked(story)) as reader:
        found, happenings = await from_records(RecordReader(reader), subject_of("7d1f2c1e"))

    assert (reader.times, found.correlation_ids, len(happenings)) == (times, frozenset({story}), 3)
