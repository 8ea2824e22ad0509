"""What the benchmarks file is new, acceptable, and the same for the same seed."""

from itertools import islice

from benchmarks.dossiers import acceptable_examples, new_filings
from benchmarks.peers import rules
from services.registry.identity import registration_keys
from services.registry.intake import examine
from tests.unit.registry.dossiers import NUMBERS


def test_the_same_seed_gives_the_same_dossiers() -> None:
    assert list(islice(new_filings(1, "run"), 20)) == list(islice(new_filings(1, "run"), 20))


def test_another_seed_gives_others() -> None:
    assert list(islice(new_filings(1, "run"), 20)) != list(islice(new_filings(2, "run"), 20))


def test_the_registry_finds_no_fault() -> None:
    faults = [examine(filing.dossier).faults for filing in islice(new_filings(1, "run"), 200)]
    assert faults == [()] * 200


def test_every_dossier_is_of_another_product() -> None:
    dossiers = [examine(filing.dossier).dossier for filing in islice(new_filings(1, "run"), 200)]
    keys = {registration_keys(dossier, NUMBERS.of(dossier.producer))[0] for dossier in dossiers if dossier}
    assert len(keys) == 200


def test_all_score_sheets_are_among_the_examples() -> None:
    assert {example["product"]["product_set"] for example in acceptable_examples()} == set(range(1, 27))


def test_a_dossier_goes_through_the_three_steps_of_a_peer() -> None:
    filing = next(new_filings(1, "run"))
    registered, submitted = rules.register(filing.id, filing.dossier)
    _, rated = rules.rate(filing.id, submitted)
    alert = rules.alert(filing.id, rated)
    assert alert["outcome"] == "delivered"
    assert alert["product_code"] == registered["product_code"]
