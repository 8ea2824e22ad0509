"""Each example dossier comes out as its README says."""

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.examples import FOLDER, load_examples
from services.evaluation.assessment import assess
from services.evaluation.rulebook import load_rulebook
from services.registry.intake import KnownProduct, examine, examine_registration, registration_keys
from services.registry.producers import producer_numbers
from shared.contracts.dossier import Dossier
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated

ROW = re.compile(
    r"^\| \[(?P<name>[^]]+)\]\(\1\.json\) \| (?P<set>\d*) \| [^|]+ \| (?P<outcome>[^|]+) \|$", re.MULTILINE
)
ROWS = [match.groupdict() for match in ROW.finditer((FOLDER / "README.md").read_text("utf-8"))]
EXAMPLES = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}
RULEBOOK = load_rulebook()


def registered_before(name: str) -> tuple[dict[str, KnownProduct], dict[str, KnownProduct]]:
    """The products of the earlier files, by registration key and by code, in a registry that was empty."""
    by_key: dict[str, KnownProduct] = {}
    by_code: dict[str, KnownProduct] = {}
    serials: dict[str, int] = {}
    for earlier in [other for other in EXAMPLES if other < name]:
        dossier = examine(EXAMPLES[earlier]).dossier
        if dossier is None or examine(EXAMPLES[earlier]).faults or dossier.registration != "first":
            continue
        if any(key in by_key for key in registration_keys(dossier)):
            continue
        place = f"{dossier.product.province_code}-{dossier.product.commune_code}"
        serials[place] = serials.get(place, 0) + 1
        known = KnownProduct(f"{place}-{serials[place]}-2026", frozenset(producer_numbers(dossier.producer)))
        by_code[known.code] = known
        by_key |= dict.fromkeys(registration_keys(dossier), known)
    return by_key, by_code


def faults_of(name: str) -> list[str]:
    """The faults that the registry would list."""
    examination = examine(EXAMPLES[name])
    faults = list(examination.faults)
    if (dossier := examination.dossier) is not None:
        by_key, by_code = registered_before(name)
        own = next((by_key[key] for key in registration_keys(dossier) if key in by_key), None)
        code = by_code.get(dossier.product_code or "")
        faults += examine_registration(dossier, by_key=own, by_code=code)
    return [fault.code for fault in faults]


def rated(name: str) -> ProductRated | AssessmentRejected:
    dossier = Dossier.model_validate(EXAMPLES[name])
    code = dossier.product_code or "01-09574-1-2026"
    return assess(RULEBOOK, ProductSubmitted(product_code=code, dossier_id=name, dossier=dossier))


def outcome_of(name: str) -> str:
    """The outcome in the words of the README's table."""
    if faults := faults_of(name):
        return f"dossier.rejected: {', '.join(faults)}"
    answer = rated(name)
    if isinstance(answer, AssessmentRejected):
        return f"assessment.rejected: {', '.join(fault.code for fault in answer.faults)}"
    points = f"{' + '.join(str(part.points) for part in answer.parts)} = {answer.total}"
    if answer.stars is None:
        return f"{points}, stopped, held back by stop {answer.stops[0].criterion}"
    held_back = [
        m.criterion for m in answer.unmet_minimums if answer.stars < answer.band and m.star <= answer.stars + 1
    ]
    return f"{points}, {'★' * answer.stars}" + (f", held back by {', '.join(held_back)}" if held_back else "")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_an_example_comes_out_as_told(row: dict[str, str]) -> None:
    assert outcome_of(row["name"]) == row["outcome"]
    assert str(EXAMPLES[row["name"]].get("product", {}).get("product_set", "")) == row["set"]


def test_every_example_is_told_in_its_order() -> None:
    assert [row["name"] for row in ROWS] == list(EXAMPLES)


def test_the_examples_cover_what_there_is() -> None:
    answers = [rated(name) for name in EXAMPLES if "faulty" not in name]
    ratings = [answer for answer in answers if isinstance(answer, ProductRated)]

    assert len(EXAMPLES) >= 24
    assert len({rating.product_set for rating in ratings}) >= 16
    assert {rating.stars for rating in ratings} == {None, 1, 2, 3, 4, 5}
    assert {stop.kind for rating in ratings for stop in rating.stops} >= {"elimination", "stop-evaluation"}
    assert any(rating.stars and rating.stars < rating.band for rating in ratings)
    assert sum("faulty" in name for name in EXAMPLES) >= 4


def test_the_examples_are_nfc_and_hold_no_real_contact() -> None:
    for file in FOLDER.glob("*.json"):
        text = file.read_text("utf-8")
        assert unicodedata.is_normalized("NFC", text)
        assert all(address.endswith("@example.vn") for address in re.findall(r"[\w.]+@[\w.]+", text))


def test_the_codes_in_the_examples_are_of_the_present_year() -> None:
    codes = [example.get("product_code") for example in load_examples(datetime(2027, 1, 1, tzinfo=UTC)).values()]

    assert [code for code in codes if code] == ["25-07918-1-2027", "01-09574-1-2027", "01-09616-99-2027"]


def test_a_code_is_of_the_year_in_vietnam() -> None:
    new_year_in_vietnam = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)

    examples: dict[str, dict[str, Any]] = load_examples(new_year_in_vietnam)

    assert examples["27-my-gao-hung-lo-upgrade"]["product_code"] == "25-07918-1-2027"
