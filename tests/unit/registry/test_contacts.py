"""What is announced of a dossier has no way to reach its producer, however she wrote it into a text."""

import json
from collections.abc import Mapping

import pytest

from services.registry.disclosure import OwnContact, without_contact
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState, decide
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.dossier import Dossier
from shared.contracts.event import Event
from tests.unit.contact_keys import opened, seal
from tests.unit.handling import NOW
from tests.unit.registry.dossiers import NUMBERS, changed

MAIL = "banhte@example.vn"
MOBILE = {"/producer/contact/phone": "0912 345 678"}


def announced(changes: Mapping[str, object]) -> Event:
    event = Event(id="1", source="/portals/test", type=DOSSIER_FILED.type, data=changed(changes))
    (answer,) = decide(RegisterState(), ExaminedDossier.of(event, NUMBERS, seal, now=NOW), NOW).announced
    return answer


def test_the_contact_goes_on_sealed_alone() -> None:
    answer = announced(MOBILE)

    assert answer.data["dossier"]["producer"] == {
        "name": "Cơ sở bánh tẻ Hưng Vân",
        "kind": "family-business",
        "tax_code": None,
        "registration_number": "01Y8001234",
    }
    contact = opened(answer.data["sealed_recipient"]).contact
    assert (contact.phone, contact.email, contact.language) == ("0912 345 678", MAIL, "vi")


def test_what_says_nothing_of_the_contact_is_announced_as_it_was_filed() -> None:
    dossier = Dossier.model_validate(changed({}))

    assert without_contact(dossier).model_dump() == dossier.model_dump(exclude={"producer": {"contact"}})


@pytest.mark.parametrize(
    "written",
    [
        *("0912345678", "0912.345.678", "+84 912 345 678", "(+84) 912-345-678", "0084912345678"),
        *("84912345678", "+84 (0)912 345 678", "(0912) 345 678", "٠٩١٢٣٤٥٦٧٨", "０９１２　３４５　６７８"),
    ],
)
def test_her_telephone_is_masked_in_a_text_however_it_is_written(written: str) -> None:
    answer = announced(MOBILE | {"/product/description": f"Gọi {written}, Hà Nội"})

    description = answer.data["dossier"]["product"]["description"]
    assert description.replace("(", "").replace(")", "") == "Gọi [phone], Hà Nội"


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/producer/name", ("producer", "name")),
        ("/product/name", ("product", "name")),
        ("/documents/1/title", ("documents", 1, "title")),
        ("/self_assessment/answers/0/evidence", ("self_assessment", "answers", 0, "evidence")),
    ],
)
def test_her_mail_is_masked_in_every_text(pointer: str, place: tuple[str | int, ...]) -> None:
    value = announced({pointer: "Bánh tẻ BanhTe@Example.vn"}).data["dossier"]

    for step in place:
        value = value[step]
    assert value == "Bánh tẻ [e-mail]"


def test_an_address_of_a_paper_names_no_mailbox() -> None:
    address = "https://files.example.vn/banhte%40example.vn/mau-01.pdf"

    assert announced({"/documents/0/location": address}).data["dossier"]["documents"][0]["location"] == (
        "https://files.example.vn/[e-mail]/mau-01.pdf"
    )


def test_other_numbers_stay() -> None:
    said = "Giấy số 0912345679, tem 10912345678, ngày 09/12/2026, 34-56-78"

    assert announced(MOBILE | {"/product/description": said}).data["dossier"]["product"]["description"] == said


def test_a_rejected_dossier_s_name_has_no_contact_either() -> None:
    answer = announced(MOBILE | {"/product/name": "Bánh tẻ 0912.345.678", "/samples": 3})

    assert answer.data["product_name"] == "Bánh tẻ [phone]"
    assert opened(answer.data["sealed_recipient"]).contact.phone == "0912 345 678"


def test_a_text_that_was_broken_in_a_conversion_is_not_repeated_where_it_says_a_number() -> None:
    (fault,) = announced({"/product/name": "B¸nh tÎ 0912345678"}).data["faults"]

    assert "0912345678" not in json.dumps(fault)


def test_a_number_of_few_digits_is_looked_for_nowhere() -> None:
    assert OwnContact.of("113", None).is_in("113 113 113") is False


def test_an_answer_has_the_same_id_and_digest_whatever_its_sealed_text_is() -> None:
    first, again = announced({}), announced({})

    assert first.data["sealed_recipient"] != again.data["sealed_recipient"]
    assert (first.id, first.key) == (again.id, again.key)
