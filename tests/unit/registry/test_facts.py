"""What is counted of a product is what its state says, and reads as it was written."""

from datetime import date

import pytest

from services.registry.certificates import issued
from services.registry.facts import CertificateFacts, Facts, RoundFacts, facts_of
from services.registry.identity import KnownProduct
from services.registry.products import VIEW
from services.registry.rounds import CertificateStatus
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Closing, Stage
from shared.handling.history import Version
from tests.unit.registry.products import CODE, a_round, held, product, result

FIRST, RE_EVALUATION, UPGRADE = RegistrationKind.FIRST, RegistrationKind.RE_EVALUATION, RegistrationKind.UPGRADE
SUPERSEDED = held(3, issued_on=date(2023, 5, 1), last_day=date(2026, 5, 1), status=CertificateStatus.SUPERSEDED)
IN_FORCE = held(4, issued_on=date(2026, 4, 1), last_day=date(2029, 4, 1), round=2, registration=UPGRADE)
LIVES = {
    "new": product(round=a_round()),
    "at the council": product(round=a_round(Stage.AWAITS_PROVINCE, provincial=result())),
    "sent": product(round=a_round(Stage.AT_PROVINCE, sent_on=date(2026, 11, 2))),
    "closed": product(round=a_round(Stage.CLOSED, closing=Closing.REFUSED)),
    "certified": product(certificates=(SUPERSEDED, IN_FORCE), round=None),
    "lost": KnownProduct(code=CODE, lost=True),
}


@pytest.mark.parametrize("known", LIVES.values(), ids=LIVES)
def test_what_is_written_reads_the_same(known: KnownProduct) -> None:
    facts = facts_of(known)

    assert Facts.read(facts.text) == facts


def test_certificates_have_what_they_came_from_and_until_when_they_were_valid() -> None:
    facts = facts_of(LIVES["certified"])

    assert facts.certificates[0].ends_on == date(2026, 5, 1)
    assert facts.newest == CertificateFacts(
        date(2026, 4, 1), date(2029, 4, 1), date(2029, 4, 1), 4, CertificateStatus.IN_FORCE, UPGRADE
    )
    assert (facts.stars, facts.place, facts.kind) == (4, ("01", "09574"), ProducerKind.FAMILY_BUSINESS)


def test_the_round_has_what_a_council_gave_so_far() -> None:
    facts = facts_of(LIVES["at the council"])

    assert facts.open_round == RoundFacts(FIRST, Stage.AWAITS_PROVINCE, a_round().received_on, stars=4)
    assert facts_of(LIVES["closed"]).open_round is None


def test_a_certificate_knows_of_what_kind_the_round_was_that_it_came_from() -> None:
    recognised, _ = issued(product(round=a_round(Stage.CLOSED)), held(4).certificate, round_number=1)
    imported, _ = issued(product(round=a_round()), held(4).certificate)

    assert recognised.certificates[-1].registration is FIRST
    assert imported.certificates[-1].registration is None


def test_one_of_the_newest_round_that_does_not_say_so_came_from_that() -> None:
    before_it_was_kept = held(4, round=2)
    facts = facts_of(product(certificates=(before_it_was_kept,), round=a_round(number=2, registration=RE_EVALUATION)))

    assert facts.certificates[0].registration is RE_EVALUATION


def test_a_product_whose_re_evaluation_is_on_its_way_is_being_renewed() -> None:
    open_round = a_round(number=2, registration=RE_EVALUATION)

    assert facts_of(product(certificates=(IN_FORCE,), round=open_round)).renewing
    assert not facts_of(product(certificates=(IN_FORCE,), round=None)).renewing


def test_the_documents_of_now_have_it() -> None:
    known = LIVES["certified"]

    assert VIEW.fields(Version(CODE, 1, known))["facts"] == facts_of(known).text
