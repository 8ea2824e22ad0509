"""How a product's producer can be reached from now on: who may say it, of which product, and what is announced."""

from pathlib import Path
from typing import Any

import pytest

from services.registry import contact_change
from services.registry.contact_change import ExaminedContact
from services.registry.handlers import Registry, dossier_filed, producer_contact
from services.registry.identity import KnownProduct
from shared.contracts.catalogue import CONTACT_CHANGED, FILING_REJECTED, PRODUCER_CONTACT
from shared.contracts.dossier import Reach
from shared.contracts.event import Event
from shared.handling.history import Version
from shared.handling.outcome import Answered, DeadLetter, Retry
from shared.scopes import EVERYWHERE, Role, Scope
from shared.sealing import OpeningKeys
from tests.unit.contact_keys import PRIVATE_KEYS, opened, seal
from tests.unit.handling import NOW, Bench
from tests.unit.registry.test_sender import answers, bench_with, filed

CODE = "01-09574-1-2026"
CONTACT = {"phone": "0912 000 000", "email": "moi@example.vn"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return bench_with(tmp_path)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    """One that has registered a product of Sơn Tây."""
    registry = await Registry.prepared(bench.resources)
    await dossier_filed(registry, filed("integration.portal"))
    bench.publisher.announced.clear()
    return registry


def said(
    user: str | None = "integration.portal", *, code: Any = CODE, contact: Any = CONTACT, id: str = "c-1"
) -> Event:
    data = {"product_code": code, "contact": contact}
    return Event(id, "/portals/test", PRODUCER_CONTACT.type, data, filed_by=user)


async def test_a_changed_contact_is_announced_sealed_in_the_product_s_order(bench: Bench, registry: Registry) -> None:
    assert isinstance(await producer_contact(registry, said()), Answered)

    (changed,) = bench.publisher.announced
    assert (changed.type, changed.subject, changed.causation_id) == (CONTACT_CHANGED.type, CODE, "c-1")
    assert changed.sequence == 2
    reach = OpeningKeys.of(PRIVATE_KEYS).open(changed.data["sealed_contact"], Reach)
    assert (reach.phone, reach.email, reach.language) == ("0912 000 000", "moi@example.vn", "vi")
    record = bench.documents("products")[-1]
    assert "0912" not in str(record)
    assert (record["event"]["filed_by"], record["event"]["filed_as"]) == ("integration.portal", "portal")


async def test_a_repeat_gets_the_same_answer_to_the_byte(bench: Bench, registry: Registry) -> None:
    await producer_contact(registry, said())
    await producer_contact(registry, said())

    first, again = bench.publisher.announced
    assert first == again


async def test_two_changes_follow_one_another(bench: Bench, registry: Registry) -> None:
    await producer_contact(registry, said())
    await producer_contact(registry, said(id="c-2", contact={"phone": "0913 000 000"}))

    assert [event.sequence for event in bench.publisher.announced] == [2, 3]


@pytest.mark.parametrize(
    ("contact", "faults"),
    [
        ({"phone": "0912"}, [("/contact/phone", "phone-invalid")]),
        (CONTACT | {"email": "bánh tẻ@example.vn"}, [("/contact/email", "email-invalid")]),
        ({"phone": "1", "email": "x"}, [("/contact/phone", "phone-invalid"), ("/contact/email", "email-invalid")]),
    ],
)
async def test_what_reaches_nobody_is_rejected_with_all_that_is_wrong(
    bench: Bench, registry: Registry, contact: Any, faults: list[tuple[str, str]]
) -> None:
    assert isinstance(await producer_contact(registry, said(contact=contact)), Answered)

    assert answers(bench) == [(FILING_REJECTED.type, faults)]
    assert bench.publisher.announced[0].data["filing"] == "producer.contact"


@pytest.mark.parametrize(
    ("code", "contact", "faults"),
    [
        ("01-09574", CONTACT, [("/product_code", "wrong-format")]),
        (CODE, {"email": "moi@example.vn"}, [("/contact/phone", "missing")]),
        (CODE, CONTACT | {"language": "fr"}, [("/contact/language", "not-allowed")]),
        (17, None, [("/product_code", "wrong-type"), ("/contact", "wrong-type")]),
    ],
)
async def test_what_breaks_the_contract_is_rejected_and_kept(
    bench: Bench, registry: Registry, code: Any, contact: Any, faults: list[tuple[str, str]]
) -> None:
    outcome = await producer_contact(registry, said(code=code, contact=contact))

    assert isinstance(outcome, DeadLetter)
    assert outcome.reason == "breaks-contract"
    assert answers(bench) == [(FILING_REJECTED.type, faults)]


@pytest.mark.parametrize(
    ("user", "pointer"),
    [
        pytest.param("integration.beside", "/product_code", id="another commune"),
        pytest.param("integration.ha-noi", "", id="a province"),
        pytest.param("integration.centre", "", id="the centre"),
        pytest.param("operator", "", id="the operator"),
        pytest.param(None, "", id="nobody known"),
    ],
)
async def test_who_may_not_say_it_is_out_of_scope_whatever_the_product(
    bench: Bench, registry: Registry, user: str | None, pointer: str
) -> None:
    await producer_contact(registry, said(user))
    await producer_contact(registry, said(user, code="01-09574-99-2026", id="c-2"))

    assert answers(bench) == [(FILING_REJECTED.type, [(pointer, "out-of-scope")])] * 2
    assert bench.documents("products")[-1]["event"]["filed_by"] == user


async def test_the_commune_may_say_it_of_its_products(bench: Bench, registry: Registry) -> None:
    await producer_contact(registry, said("integration.son-tay"))

    assert answers(bench) == [(CONTACT_CHANGED.type, [])]


async def test_an_unknown_product_is_waited_for_and_then_unknown(bench: Bench, registry: Registry) -> None:
    outcome = await producer_contact(registry, said(code="01-09574-99-2026"))

    assert isinstance(outcome, Retry)
    assert (outcome.early, bench.publisher.announced) == (True, [])
    assert outcome.last_resort is not None
    assert isinstance(await outcome.last_resort(), Answered)
    assert answers(bench) == [(FILING_REJECTED.type, [("/product_code", "product-unknown")])]


async def test_the_product_is_known_by_what_it_was_before(registry: Registry) -> None:
    await producer_contact(registry, said())
    known = await registry.products.product(CODE)

    assert known is not None
    assert (known.number, known.state.code, known.state.product_set) == (2, CODE, 6)


async def test_what_is_announced_of_the_product_later_goes_to_the_contact_that_was_changed() -> None:
    held = KnownProduct(code=CODE, producer_name="Bánh tẻ Hưng Vân", sealed_recipient="a.former.one.was.here")
    portal = Scope(Role.PORTAL, frozenset({EVERYWHERE}))

    decision = contact_change.decide(Version(CODE, 7, held), ExaminedContact.of(said(), seal, portal), NOW)

    assert decision.version
    recipient = opened(decision.version.state.sealed_recipient)
    assert (recipient.name, recipient.contact.email) == ("Bánh tẻ Hưng Vân", "moi@example.vn")
    assert (decision.version.number, decision.announced[0].sequence) == (8, 8)
