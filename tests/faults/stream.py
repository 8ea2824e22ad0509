"""What is filed in a fault test: cases made from a seed, each with what must become of it."""

import random
from collections.abc import Callable, Iterator
from functools import partial

from shared.contracts.catalogue import DOSSIER_FILED, EVENTS
from shared.contracts.fault_codes import DossierFault
from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM
from tests.faults import sequences
from tests.faults.filings import UNKNOWN_ANSWERS, Filings, later
from tests.faults.messages import Case, Kind, Message

#: How often each kind comes, beside the others.
WEIGHTS: dict[Kind, int] = {
    "good": 44,
    "unknown answers": 5,
    "breaks a rule": 5,
    "breaks the contract": 5,
    "garbage with an id": 3,
    "garbage": 3,
    "garbage between services": 3,
    "mistyped routing key": 2,
    "same product twice": 4,
    "same id twice": 3,
    "same dossier by two senders": 2,
    "outside the sender's scope": 2,
    "unknown product": 1,
    "upgrade behind its registration": 4,
    "upgrade of an answered product": 4,
    "re-evaluation of a rated product": 3,
    "upgrade of an imported certificate": 4,
    "correction of a rejected dossier": 2,
    "correction of a rejected assessment": 5,
    "correction twice at once": 2,
}

_INTAKE_DEAD = SYSTEM["registry"].subscription(DOSSIER_FILED).dead

#: How often a message is sent, and how likely that is.
COPIES = {1: 80, 2: 15, 3: 5}
#: of 1: single dossiers whose sender sets no `user_id`
UNSIGNED_SHARE = 0.1


class Stream:
    """Cases without end, always the same for the same seed and the `year` in which the run takes place."""

    def __init__(self, seed: int, *, year: int) -> None:
        self._random = random.Random(f"stream {seed}")
        self._filings = Filings(self._random)
        self._makers: dict[Kind, Callable[[Filings], Case]] = {
            "good": self._good,
            "unknown answers": _unknown_answers,
            "breaks a rule": _rule_broken,
            "breaks the contract": _contract_broken,
            "garbage with an id": _garbage_with_an_id,
            "garbage": _garbage,
            "garbage between services": _garbage_between_services,
            "mistyped routing key": _mistyped_routing_key,
            "same product twice": sequences.same_product_twice,
            "same id twice": sequences.same_id_twice,
            "same dossier by two senders": sequences.same_dossier_by_two_senders,
            "outside the sender's scope": _outside_the_scope,
            "unknown product": partial(_unknown_product, year=year),
            "upgrade behind its registration": partial(sequences.upgrade_behind, year=year),
            "upgrade of an answered product": sequences.upgrade_of_an_answered_product,
            "re-evaluation of a rated product": sequences.re_evaluation_of_a_rated_product,
            "upgrade of an imported certificate": sequences.upgrade_of_an_imported_certificate,
            "correction of a rejected dossier": sequences.correction_of_a_rejected_dossier,
            "correction of a rejected assessment": sequences.correction_of_a_rejected_assessment,
            "correction twice at once": sequences.correction_twice_at_once,
        }

    def cases(self) -> Iterator[Case]:
        """Return case after case."""
        while True:
            kind = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if kind == "upgrade behind its registration" and not self._filings.places_are_left:
                kind = "upgrade of an answered product"
            self._filings.number += 1
            yield self._makers[kind](self._filings)

    def copies(self) -> int:
        """Say how often the next message is to be sent."""
        return self._random.choices(list(COPIES), list(COPIES.values()))[0]

    def _good(self, filings: Filings) -> Case:
        signed = self._random.random() >= UNSIGNED_SHARE
        return Case("good", (filings.filed(filings.dossier(), signed=signed),), records=1, accepted=1)


def _unknown_answers(filings: Filings) -> Case:
    message = filings.filed(filings.dossier() | {"self_assessment": UNKNOWN_ANSWERS})
    return Case("unknown answers", (message,), records=1, accepted=1, turned_back=frozenset({filings.id}))


def _rule_broken(filings: Filings) -> Case:
    message = filings.filed(filings.dossier() | {"samples": 3})
    return Case("breaks a rule", (message,), records=1, refused_with=frozenset({DossierFault.SAMPLES_WRONG.value}))


def _contract_broken(filings: Filings) -> Case:
    message = filings.filed(filings.dossier() | {"samples": "five"})
    refused_with = frozenset({DossierFault.WRONG_TYPE.value})
    return Case("breaks the contract", (message,), records=1, refused_with=refused_with, kept_in=_INTAKE_DEAD)


def _garbage_with_an_id(filings: Filings) -> Case:
    message = filings.binary(filings.noise(), id=filings.id, sender=filings.sender(), signed=True)
    refused_with = frozenset({DossierFault.UNREADABLE_NOT_A_CLOUDEVENT.value})
    return Case("garbage with an id", (message,), records=1, refused_with=refused_with, kept_in=_INTAKE_DEAD)


def _garbage(filings: Filings) -> Case:
    return Case("garbage", (Message(filings.noise(), {}),), kept_in=_INTAKE_DEAD)


def _mistyped_routing_key(filings: Filings) -> Case:
    message = Message(filings.noise(), {}, routing_key="dosier.filed.v1")
    return Case("mistyped routing key", (message,), kept_in=UNROUTED)


def _garbage_between_services(filings: Filings) -> Case:
    routing_key, queue = filings.one_of(
        [
            ("product.submitted.v1.01.09574", "evaluation.product-submitted.dead"),
            ("product.rated.v1.01.09574", "notifications.product-rated.dead"),
            ("dossier.rejected.v1.-.-", "notifications.dossier-rejected.dead"),
        ]
    )
    message = Message(filings.noise(), {}, exchange=EVENTS, routing_key=routing_key)
    return Case("garbage between services", (message,), kept_in=queue)


def _outside_the_scope(filings: Filings) -> Case:
    """A dossier of another province, by the sender that files for Hà Nội."""
    message = filings.filed(filings.elsewhere(), sender="hanoi")
    refused_with = frozenset({DossierFault.OUT_OF_SCOPE.value})
    return Case("outside the sender's scope", (message,), records=1, refused_with=refused_with)


def _unknown_product(filings: Filings, *, year: int) -> Case:
    """An upgrade of a product that nobody has registered."""
    dossier = filings.dossier()
    code = f"{dossier['product']['province_code']}-{dossier['product']['commune_code']}-999999-{year}"
    refused_with = frozenset({DossierFault.PRODUCT_UNKNOWN.value})
    return Case("unknown product", (filings.filed(later(dossier, "upgrade", code)),), 1, refused_with=refused_with)
