"""Cases of several messages of one product, which follow one another, or come at once."""

from dataclasses import replace

from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    CERTIFICATE_ISSUED,
    DOSSIER_REJECTED,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
)
from shared.contracts.fault_codes import DossierFault
from tests.faults.filings import UNKNOWN_ANSWERS, Filings, later
from tests.faults.messages import CODE, After, Case, Message

_UNKNOWN = frozenset({DossierFault.PRODUCT_UNKNOWN.value})
_REGISTERED = frozenset({DossierFault.PRODUCT_ALREADY_REGISTERED.value})
#: its own registration's round is open, and no office has certified it
_TOO_SOON = frozenset({DossierFault.ROUND_OPEN.value, DossierFault.NO_CERTIFICATE_IN_FORCE.value})


def same_product_twice(filings: Filings) -> Case:
    """Two dossiers of one product, by any two senders."""
    dossier = filings.dossier()
    twice = (filings.filed(dossier), filings.filed(dossier, "-again"))
    return Case("same product twice", twice, records=2, accepted=1, refused_with=_REGISTERED)


def same_id_twice(filings: Filings) -> Case:
    """Two different dossiers under one id."""
    twice = (filings.filed(filings.dossier()), filings.filed(filings.dossier(" (khác)")))
    refused_with = frozenset({DossierFault.ID_USED_TWICE.value})
    return Case("same id twice", twice, records=2, accepted=1, refused_with=refused_with)


def same_dossier_by_two_senders(filings: Filings) -> Case:
    """One dossier under one id, which two integrations have filed at once."""
    by_portal = filings.filed(filings.dossier(), sender="portal")
    twice = (by_portal, replace(by_portal, sender="hanoi"))
    return Case("same dossier by two senders", twice, records=1, accepted=1)


def upgrade_behind(filings: Filings, year: int) -> Case:
    """A first registration, and behind it, before its answer, upgrades under the codes that it may get.

    Which of the two it gets, the registry's clock decides, since that is stepped over New Year.
    """
    first = filings.first_of_its_commune()
    place = f"{first['product']['province_code']}-{first['product']['commune_code']}"
    after = After(filings.id)
    upgrades = (
        filings.filed(later(first, "upgrade", f"{place}-1-{each}"), f"-{each}", sender="portal", after=after)
        for each in (year, year + 1)
    )
    messages = (filings.filed(first, sender="portal"), *upgrades)
    refused_with = _UNKNOWN | _TOO_SOON
    return Case("upgrade behind its registration", messages, records=3, accepted=1, refused_with=refused_with)


def upgrade_of_an_answered_product(filings: Filings) -> Case:
    """An upgrade, filed the moment that the product's code is seen."""
    first, sender = filings.dossier(), filings.sender()
    upgrade = filings.filed(
        later(first, "upgrade", CODE), "-upgrade", sender=sender, after=After(filings.id, PRODUCT_SUBMITTED)
    )
    messages = (filings.filed(first, sender=sender), upgrade)
    return Case("upgrade of an answered product", messages, records=2, accepted=1, refused_with=_TOO_SOON)


def re_evaluation_of_a_rated_product(filings: Filings) -> Case:
    """A re-evaluation, filed the moment that the rating is seen."""
    first, sender, after = filings.dossier(), filings.sender(), After(filings.id, PRODUCT_RATED)
    re_evaluation = filings.filed(later(first, "re-evaluation", CODE), "-again", sender=sender, after=after)
    messages = (filings.filed(first, sender=sender), re_evaluation)
    return Case("re-evaluation of a rated product", messages, records=2, accepted=1, refused_with=_TOO_SOON)


def upgrade_of_an_imported_certificate(filings: Filings) -> Case:
    """A certificate from paper, which the province brings in, and an upgrade, filed the moment that it is seen."""
    dossier = filings.dossier()
    paper = filings.certificate_of(dossier)
    after = After(f"{paper.id}", CERTIFICATE_ISSUED)
    upgrade = filings.filed(later(dossier, "upgrade", CODE), sender="hanoi", after=after)
    return Case("upgrade of an imported certificate", (paper, upgrade), records=1, accepted=1, registers=False)


def correction_of_a_rejected_dossier(filings: Filings) -> Case:
    """A dossier that breaks a rule, and one without the fault, filed the moment that the rejection is seen."""
    dossier, sender = filings.dossier(), filings.sender()
    after = After(filings.id, DOSSIER_REJECTED)
    messages = (
        filings.filed(dossier | {"samples": 3}, sender=sender),
        filings.filed(dossier, "-corrected", sender=sender, after=after),
    )
    refused_with = frozenset({DossierFault.SAMPLES_WRONG.value})
    return Case("correction of a rejected dossier", messages, records=2, accepted=1, refused_with=refused_with)


def correction_of_a_rejected_assessment(filings: Filings) -> Case:
    """A dossier whose answers are unknown, and one with good answers, filed the moment that the rejection is seen."""
    messages = _corrected(filings, "-corrected")
    back = frozenset({filings.id})
    return Case("correction of a rejected assessment", messages, records=2, accepted=2, turned_back=back)


def correction_twice_at_once(filings: Filings) -> Case:
    """Two corrections at once of one dossier that was turned back: one of them comes first."""
    messages, back = _corrected(filings, "-corrected", "-as-well"), frozenset({filings.id})
    return Case("correction twice at once", messages, records=3, accepted=2, refused_with=_REGISTERED, turned_back=back)


def _corrected(filings: Filings, *suffixes: str) -> tuple[Message, ...]:
    dossier, sender = filings.dossier(), filings.sender()
    after = After(filings.id, ASSESSMENT_REJECTED)
    return (
        filings.filed(dossier | {"self_assessment": UNKNOWN_ANSWERS}, sender=sender),
        *(filings.filed(dossier, suffix, sender=sender, after=after) for suffix in suffixes),
    )
