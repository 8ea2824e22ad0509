"""The example dossiers end as their README says, and together show what there is to show."""

import json
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ops.report import DossierAnswer
from services.evaluation.assessment import assess
from services.registry.identity import KnownProduct, registration_keys
from services.registry.intake import Examination, ExaminedDossier
from services.registry.registration import RegisterState, decide
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED
from shared.contracts.dossier import Dossier, DossierRejected, ProducerKind, RegistrationKind
from shared.contracts.event import Event
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.handling.history import Version
from tests.unit.contact_keys import seal
from tests.unit.evaluation.sheets import ALL_SETS, rulebook
from tests.unit.registry.dossiers import NUMBERS
from tools.examples import FOLDER, load_examples
from tools.expected import as_cells, differences, expected

FILES = sorted(FOLDER.glob("*.json"))
#: The year that stands in the product codes of the examples.
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass
class Register:
    """A register in memory, with what a registry that started empty knows."""

    registered: list[dict[str, Any]] = field(default_factory=list)
    products: dict[str, Version[KnownProduct]] = field(default_factory=dict)

    def state(self, dossier: Dossier | None) -> RegisterState:
        if dossier is None:
            return RegisterState()
        keys = set(registration_keys(dossier, NUMBERS.known(dossier.producer)))
        place = f"{dossier.product.province_code}-{dossier.product.commune_code}"
        by_key = next((each["code"] for each in self.registered if keys & set(each["keys"])), None)
        return RegisterState(
            by_key=self.products.get(by_key or ""),
            by_code=self.products.get(dossier.product_code or ""),
            last_serial=sum(entry["place"] == place for entry in self.registered),
        )


@dataclass(frozen=True)
class Outcome:
    examination: Examination
    answer: DossierAnswer


def filed(file: Path) -> dict[str, Any]:
    dossier: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return dossier


@cache
def outcomes() -> dict[str, Outcome]:
    register = Register()
    return {file.name: outcome(file, register) for file in FILES}


def outcome(file: Path, register: Register) -> Outcome:
    event = Event(id=file.stem, source="/portals/examples", type=DOSSIER_FILED.type, data=filed(file))
    filing = ExaminedDossier.of(event, NUMBERS, seal, now=NOW)
    examination = filing.examination
    decision = decide(register.state(examination.dossier), filing, NOW)
    if entry := decision.fields.get("registered"):
        register.registered.append(entry)
    if version := decision.version:
        register.products[version.of] = version
    (announced,) = decision.announced
    if announced.type != PRODUCT_SUBMITTED.type:
        return Outcome(examination, DossierRejected.model_validate(announced.data))
    return Outcome(examination, assess(rulebook(), ProductSubmitted.model_validate(announced.data)))


def rated() -> list[ProductRated]:
    return [each.answer for each in outcomes().values() if isinstance(each.answer, ProductRated)]


def accepted() -> list[Dossier]:
    return [
        each.examination.dossier
        for each in outcomes().values()
        if each.examination.dossier and not isinstance(each.answer, DossierRejected)
    ]


def as_row(dossier: dict[str, Any], answer: DossierAnswer) -> dict[str, str]:
    product = dossier.get("product", {})
    return {
        "Product": " ".join(product.get("name", "–").split()),
        "Set": str(product.get("product_set", "–")),
        **as_cells(answer),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_ends_as_the_readme_says(file: Path) -> None:
    row = expected()[file.stem]
    assert as_row(filed(file), outcomes()[file.name].answer) == {
        column: text for column, text in row.items() if column not in {"File", "What it shows"}
    }
    assert row["What it shows"]


def answers() -> dict[str, DossierAnswer | None]:
    return {Path(name).stem: each.answer for name, each in outcomes().items()}


def test_nothing_differs_from_the_table() -> None:
    assert list(differences(expected(), answers())) == []


def test_an_outcome_that_is_not_as_the_table_says_is_named_with_both() -> None:
    table = expected()
    table["02-banh-te-thanh-binh"]["Total"] = "71"
    wrong = answers() | {
        "23-bat-dia-hoa-sen-do": answers()["37-faulty-unknown-product"],
        "03-che-dinh-hao-dat": None,
    }

    assert list(differences(table, wrong)) == [
        "02-banh-te-thanh-binh: Total is 70, by the table 71",
        "03-che-dinh-hao-dat: Answer is none, by the table product.rated",
        "03-che-dinh-hao-dat: A / B / C is –, by the table 36 / 25 / 33",
        "03-che-dinh-hao-dat: Total is –, by the table 94",
        "03-che-dinh-hao-dat: Stars is –, by the table 5★",
        "03-che-dinh-hao-dat: Held back by is –, by the table nothing",
        "23-bat-dia-hoa-sen-do: Answer is dossier.rejected, by the table product.rated",
        "23-bat-dia-hoa-sen-do: A / B / C is –, by the table 38 / 24 / 33",
        "23-bat-dia-hoa-sen-do: Total is –, by the table 95",
        "23-bat-dia-hoa-sen-do: Stars is –, by the table 5★",
        "23-bat-dia-hoa-sen-do: Held back by is `product-unknown`, by the table nothing",
    ]


def test_a_dossier_that_only_the_table_or_only_the_folder_has_is_named() -> None:
    table, filed = expected(), answers()
    table["39-new"] = table["01-banh-te-hung-van"]
    filed["40-newer"] = filed["01-banh-te-hung-van"]

    assert list(differences(table, filed)) == [
        "39-new: in the table, and no such dossier was filed",
        "40-newer: not in the table",
    ]


def test_the_readme_lists_every_example_in_the_order_of_filing() -> None:
    assert list(expected()) == [file.stem for file in FILES] == list(load_examples(NOW))
    assert len({file.name[:2] for file in FILES}) == len(FILES)


def test_the_examples_use_every_score_sheet_and_end_in_every_result() -> None:
    assert {answer.product_set for answer in rated()} == set(ALL_SETS)
    assert {answer.stars for answer in rated()} == {1, 2, 3, 4, 5, None}
    assert {kind for answer in rated() for kind in (stop.kind for stop in answer.stops)} == {
        "elimination",
        "stop-evaluation",
    }


def test_minimums_alone_keep_some_examples_from_the_next_star() -> None:
    held = [answer for answer in rated() if answer.stars is not None and answer.stars < answer.band]
    assert len(held) >= 3
    assert {answer.stars for answer in held if answer.total >= 90} == {3, 4}


def test_totals_stand_on_both_sides_of_every_band() -> None:
    stars = {answer.total: answer.stars for answer in rated()}
    bounds = (90, 89, 70, 69, 50, 49, 30, 29)
    assert [stars[total] for total in bounds] == [5, 4, 4, 3, 3, 2, 2, 1]


def test_the_faulty_examples_are_those_that_are_turned_back() -> None:
    turned_back = {name for name, each in outcomes().items() if not isinstance(each.answer, ProductRated)}
    assert turned_back == {file.name for file in FILES if file.name[3:].startswith("faulty-")}
    answers = Counter(type(outcomes()[name].answer) for name in turned_back)
    assert answers[DossierRejected] >= 4
    assert answers[AssessmentRejected] >= 1
    assert any(outcomes()[name].examination.breaks_contract for name in turned_back)


def test_what_is_accepted_in_an_empty_register_is_registered_for_the_first_time() -> None:
    assert {dossier.registration for dossier in accepted()} == {RegistrationKind.FIRST}


def test_the_examples_come_from_producers_of_many_kinds_who_are_reached_in_different_ways() -> None:
    assert {dossier.producer.kind for dossier in accepted()} == set(ProducerKind) - {ProducerKind.OPERATING_CENTRE}
    contacts = [dossier.producer.contact for dossier in accepted()]
    assert {contact.language for contact in contacts} == {"vi", "en"}
    assert any(contact.email is None for contact in contacts)
    assert all(contact.email.endswith("@example.vn") for contact in contacts if contact.email)


@pytest.mark.parametrize("file", [*FILES, FOLDER / "README.md"], ids=lambda file: file.stem)
def test_the_texts_of_the_examples_are_in_normal_form_c(file: Path) -> None:
    assert unicodedata.is_normalized("NFC", file.read_text("utf-8"))
