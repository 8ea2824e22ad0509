"""A certificate from before this register comes in: its product is known, it keeps its own dates."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.registry.certificate_handlers import certificate_imported
from services.registry.handlers import Registry, dossier_filed
from shared.contracts.catalogue import CERTIFICATE_IMPORTED, DOSSIER_FILED
from shared.contracts.event import Event
from tests.unit.certificate_keys import verify
from tests.unit.handling import Bench, at_last
from tests.unit.memory import MemoryCollection
from tests.unit.registry.dossiers import changed, document
from tests.unit.registry.lives import imported

OLD, NEW = "01-269-09574-3-2022", "01-09574-1-2024"
KEPT = "01-09574-3-2024"
#: What a product that is filed again needs besides (Art. 6.3).
PAPERS = ("change-report", "test-report")


@pytest.fixture
def bench(tmp_path: Any) -> Bench:
    scopes = tmp_path / "integrations.yaml"
    roles = {"ha-noi": "{province: '01'}", "phu-tho": "{province: '25'}", "portal": "{portal: everywhere}"}
    scopes.write_text(
        "".join(f"{name}: {{listens_to: [product.rated], scope: {scope}}}\n" for name, scope in roles.items())
    )
    return Bench(integrations=scopes)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    return await Registry.prepared(bench.resources)


async def import_(
    registry: Registry,
    changes: Mapping[str, Any] | None = None,
    *,
    id: str = "import",
    user: str = "integration.ha-noi",
) -> None:
    event = Event(id, "/offices/ha-noi", CERTIFICATE_IMPORTED.type, imported(changes), filed_by=user)
    await certificate_imported(registry, event)


def said(bench: Bench) -> list[str]:
    return [event.type.removeprefix("vn.ocop.").removesuffix(".v1") for event in bench.publisher.announced]


def faults(bench: Bench) -> list[tuple[str, str]]:
    answer = bench.publisher.announced[-1]
    assert answer.type == "vn.ocop.filing.rejected.v1"
    return [(each["pointer"], each["code"]) for each in answer.data["faults"]]


async def test_a_code_of_todays_form_is_kept_and_the_certificate_is_in_force_to_its_own_last_day(
    bench: Bench, registry: Registry
) -> None:
    await import_(registry)

    (issued,) = bench.publisher.announced
    assert said(bench) == ["certificate.issued"]
    assert (issued.subject, issued.place, issued.sequence) == (KEPT, "01-09574", 1)
    assert issued.data["certificate"]["last_day"] == "2027-05-20"
    assert issued.data["round"] is issued.data["former_code"] is issued.data["sealed_recipient"] is None
    known = await registry.products.product(KEPT)
    assert known
    assert known.state.in_force
    assert known.state.in_force.certificate.stars == 4


async def test_its_commune_goes_on_behind_a_code_that_was_kept(bench: Bench, registry: Registry) -> None:
    at = replace(registry, clock=lambda: datetime(2024, 12, 1, tzinfo=UTC))
    await import_(at)
    event = Event("first", "/portals/test", DOSSIER_FILED.type, changed({}), filed_by="integration.portal")
    await dossier_filed(at, event)

    assert bench.publisher.announced[-1].subject == "01-09574-4-2024"


async def test_an_older_code_gets_the_next_number_of_the_decisions_year_and_both_find_the_product(
    bench: Bench, registry: Registry
) -> None:
    await import_(registry, {"product_code": OLD})

    (issued,) = bench.publisher.announced
    assert (issued.subject, issued.data["product_code"], issued.data["former_code"]) == (NEW, NEW, OLD)
    assert await registry.products.product(OLD) == await registry.products.product(NEW) is not None


async def test_a_code_of_a_commune_that_was_merged_is_an_older_one(bench: Bench, registry: Registry) -> None:
    await import_(registry, {"product_code": "01-09571-7-2023"})

    assert bench.publisher.announced[0].data["former_code"] == "01-09571-7-2023"


async def test_a_certificate_is_signed_by_the_registry(bench: Bench, registry: Registry) -> None:
    await import_(registry)

    claims = verify(bench.publisher.announced[0].data["token"])
    assert (claims.product_code, claims.number, claims.authority) == (KEPT, "15/GCN-OCOP", "01")


@pytest.mark.parametrize(
    ("last_day", "re_evaluation", "announced"),
    [
        ("2026-11-28", None, ["certificate.issued"]),
        ("2026-11-27", None, ["certificate.issued", "certificate.expired"]),
        ("2026-11-27", "2026-06-01", ["certificate.issued", "certificate.extended"]),
        ("2026-06-01", "2026-01-05", ["certificate.issued", "certificate.extended"]),
        ("2026-05-31", "2026-01-05", ["certificate.issued", "certificate.extended", "certificate.expired"]),
        ("2026-11-27", "2026-11-28", ["certificate.issued", "certificate.expired"]),
    ],
)
async def test_it_stands_as_it_does_today(
    bench: Bench, registry: Registry, last_day: str, re_evaluation: str | None, announced: list[str]
) -> None:
    """Today is 28 November 2026, the 180th day behind 1 June."""
    await import_(registry, {"certificate.last_day": last_day, "re_evaluation_filed_on": re_evaluation})

    assert said(bench) == announced
    assert all(event.data["sealed_recipient"] is None for event in bench.publisher.announced)


async def test_one_that_is_new_is_looked_up_nowhere_but_for_its_commune_s_last_number(
    bench: Bench, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands come in at once where an office begins; if one is not new, a unique index says so."""
    asked: list[str] = []
    find_one, pages = MemoryCollection.find_one, MemoryCollection.pages

    async def counted(collection: MemoryCollection, query: Mapping[str, Any], **options: Any) -> Any:
        asked.extend(query)
        return await find_one(collection, query, **options)

    def counted_pages(collection: MemoryCollection, query: Mapping[str, Any], **options: Any) -> Any:
        asked.extend(query)
        return pages(collection, query, **options)

    monkeypatch.setattr(MemoryCollection, "find_one", counted)
    monkeypatch.setattr(MemoryCollection, "pages", counted_pages)
    for number in (1, 2):
        changes = {"product_code": f"01-269-09574-{number}-2022", "product.name": f"Bánh {number}"}
        await import_(registry, changes | {"certificate.number": f"{number}/OCOP"}, id=f"import-{number}")

    assert said(bench) == ["certificate.issued"] * 2
    assert asked == ["registered.code"]


async def test_whoever_imports_it_twice_hears_that_the_register_has_it(bench: Bench, registry: Registry) -> None:
    await import_(registry, {"product_code": OLD})
    await import_(registry, {"product_code": OLD}, id="again")

    assert faults(bench) == [("/certificate/number", "already-imported")]
    assert bench.publisher.announced[-1].data["faults"][0]["product_code"] == NEW


async def test_the_next_certificate_from_paper_takes_the_place_of_the_one_before(
    bench: Bench, registry: Registry
) -> None:
    await import_(registry)
    newer = {
        "certificate.number": "16",
        "certificate.decision": {"number": "2/QĐ", "date": "2026-11-02"},
        "certificate.last_day": "2029-11-02",
    }
    await import_(registry, newer, id="next")

    assert said(bench)[1:] == ["certificate.issued", "certificate.superseded"]
    assert bench.publisher.announced[-1].data["ended_on"] == "2026-11-01"
    assert [event.sequence for event in bench.publisher.announced] == [1, 2, 2]


async def test_the_next_certificate_of_a_product_with_an_older_code_says_it_too(
    bench: Bench, registry: Registry
) -> None:
    await import_(registry, {"product_code": OLD})
    decision = {"number": "2/QĐ", "date": "2026-11-02"}
    changes = {"certificate.number": "16", "certificate.decision": decision, "certificate.last_day": "2029-11-02"}
    await import_(registry, {"product_code": NEW, **changes}, id="next")

    assert bench.publisher.announced[1].data["former_code"] == OLD


async def test_an_older_code_becomes_the_alias_of_the_product_that_was_registered_as_a_new_one(
    bench: Bench, registry: Registry
) -> None:
    event = Event("first", "/portals/test", DOSSIER_FILED.type, changed({}), filed_by="integration.portal")
    await at_last(dossier_filed(registry, event))
    await import_(
        registry,
        {"product_code": OLD, "product.name": "Bánh tẻ Hưng Vân", "producer.registration_number": "01Y8001234"},
    )

    assert bench.publisher.announced[-1].subject == "01-09574-1-2026"
    found = await registry.products.product(OLD)
    assert found
    assert (found.state.former_code, found.number) == (OLD, 2)


REJECTED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "five stars of a province": (
        {"certificate.stars": 5},
        [("/certificate/stars", "stars-of-another-authority")],
    ),
    "four stars of the minister": (
        {"certificate.authority": "centre"},
        [("/certificate/stars", "stars-of-another-authority")],
    ),
    "a decision of tomorrow": (
        {"certificate.decision": {"number": "1", "date": "2026-11-29"}},
        [("/certificate/decision/date", "date-in-future")],
    ),
    "a decision from before the programme": (
        {"certificate.decision": {"number": "1", "date": "2018-05-06"}, "certificate.last_day": "2021-05-06"},
        [("/certificate/decision/date", "date-too-early")],
    ),
    "a last day before the decision": (
        {"certificate.last_day": "2024-05-19"},
        [("/certificate/last_day", "date-too-early")],
    ),
    "a last day that no certificate has": (
        {"certificate.last_day": "9999-12-31"},
        [("/certificate/last_day", "out-of-range")],
    ),
    "a decision of the last day that there is": (
        {"certificate.decision": {"number": "1", "date": "9999-12-31"}, "certificate.last_day": "9999-12-31"},
        [("/certificate/decision/date", "date-in-future")],
    ),
    "a re-evaluation of tomorrow": (
        {"re_evaluation_filed_on": "2026-11-29"},
        [("/re_evaluation_filed_on", "date-in-future")],
    ),
    "a re-evaluation before the certificate": (
        {"re_evaluation_filed_on": "2024-05-19"},
        [("/re_evaluation_filed_on", "date-too-early")],
    ),
    "a commune that there is not": (
        {"product.commune_code": "99999", "product_code": OLD},
        [("/product/commune_code", "commune-unknown")],
    ),
    "another commune than that of its code": (
        {"product.commune_code": "00004"},
        [("/product/commune_code", "place-changed")],
    ),
    "no number of its producer": (
        {"producer.registration_number": None},
        [("/producer", "producer-number-missing")],
    ),
    "no certificate": ({"certificate": None}, [("/certificate", "wrong-type")]),
}


@pytest.mark.parametrize("case", REJECTED, ids=str)
async def test_what_cannot_be_is_turned_back_and_leaves_no_product(bench: Bench, registry: Registry, case: str) -> None:
    changes, expected = REJECTED[case]
    await import_(registry, changes)

    assert faults(bench) == expected
    assert await registry.products.product(KEPT) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"certificate.number": "99"}, [("/certificate/decision/date", "date-too-early")]),
        ({"certificate.number": "99", "product.product_set": 7}, [("/product/product_set", "product-set-changed")]),
        (
            {"certificate.number": "99", "producer.registration_number": "01Y8009999"},
            [("/product_code", "product-of-another-producer")],
        ),
        (
            {"certificate.number": "99", "product_code": "01-09574-8-2024"},
            [("/product_code", "product-already-registered")],
        ),
        (
            {"product_code": "01-09574-8-2024", "product.name": "Kẹo lạc"},
            [("/certificate/number", "certificate-number-taken")],
        ),
    ],
)
async def test_what_does_not_agree_with_the_register_is_turned_back(
    bench: Bench, registry: Registry, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    await import_(registry)
    await import_(registry, changes, id="second")

    assert faults(bench) == expected


@pytest.mark.parametrize("user", ["integration.phu-tho", "integration.portal", "integration.nobody"])
async def test_only_the_province_of_the_product_imports(bench: Bench, registry: Registry, user: str) -> None:
    await import_(registry, user=user)

    assert [code for _, code in faults(bench)] == ["out-of-scope"]


async def test_a_producers_contact_in_its_name_and_her_own_number_are_announced_nowhere(
    bench: Bench, registry: Registry
) -> None:
    await import_(
        registry,
        {"producer.name": "Cơ sở 024 3383 0000", "producer.registration_number": "001085012345"},
    )

    announced = str(bench.publisher.announced[0].data)
    assert "3383 0000" not in announced
    assert "001085012345" not in announced + str(bench.documents("products"))


async def test_two_registries_give_one_number_to_one_product_each(bench: Bench) -> None:
    registries = [await Registry.prepared(bench.resources) for _ in range(2)]
    changes = [
        {"product_code": f"01-269-09574-{n}-2022", "product.name": f"Kẹo {n}", "certificate.number": str(n)}
        for n in (1, 2)
    ]
    await asyncio.gather(
        *(
            import_(registry, each, id=str(n))
            for n, (registry, each) in enumerate(zip(registries, changes, strict=True))
        )
    )

    assert sorted(event.subject or "" for event in bench.publisher.announced) == [NEW, "01-09574-2-2024"]


async def test_two_registries_give_a_certificates_number_once(bench: Bench) -> None:
    registries = [await Registry.prepared(bench.resources) for _ in range(2)]
    changes = [{"product_code": f"01-09574-{n}-2024", "product.name": f"Kẹo {n}"} for n in (1, 2)]
    await asyncio.gather(
        *(
            import_(registry, each, id=str(n))
            for n, (registry, each) in enumerate(zip(registries, changes, strict=True))
        )
    )

    assert sorted(said(bench)) == ["certificate.issued", "filing.rejected"]
    rejected = next(event for event in bench.publisher.announced if event.type == "vn.ocop.filing.rejected.v1")
    assert [each["code"] for each in rejected.data["faults"]] == ["certificate-number-taken"]


async def test_the_same_import_delivered_again_is_announced_to_the_byte(bench: Bench, registry: Registry) -> None:
    await import_(registry)
    await import_(await Registry.prepared(bench.resources))

    first, again = bench.publisher.announced
    assert first == again


@pytest.mark.parametrize(("code", "todays"), [(OLD, NEW), (KEPT, KEPT)])
@pytest.mark.parametrize("kind", ["re-evaluation", "upgrade"])
async def test_case_10_a_product_certified_before_this_register_is_filed_again_under_its_code(
    bench: Bench, registry: Registry, code: str, todays: str, kind: str
) -> None:
    in_window = replace(registry, clock=lambda: datetime(2026, 12, 21, tzinfo=UTC))
    await import_(in_window, {"product_code": code})
    papers = [*changed({})["documents"], *(document(kind, f"{n:064x}") for n, kind in enumerate(PAPERS, 90))]
    dossier = changed(
        {"/registration": kind, "/product_code": code, "/product/name": "Bánh tẻ thử", "/documents": papers}
    )
    event = Event("again", "/portals/test", DOSSIER_FILED.type, dossier, filed_by="integration.portal")
    await dossier_filed(in_window, event)

    submitted = bench.publisher.announced[-1]
    assert (submitted.type, submitted.subject) == ("vn.ocop.product.submitted.v1", todays)
    known = await registry.products.product(code)
    assert known
    assert known.state.open_round
    assert known.state.open_round.registration == kind
