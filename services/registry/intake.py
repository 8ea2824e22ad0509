"""Decide: whether a dossier is acceptable, and which product it is about.

Everything here is a pure function of the dossier as filed and of what the register knows. All faults are found at once:
those of the contract, and those of the rules on whatever parts of the dossier can be read.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.registry.contract_faults import contract_faults
from services.registry.faults import at_most_listed, fault
from services.registry.locations import HTTPS, location_faults
from services.registry.personal_numbers import hide, own_numbers
from services.registry.places import place_faults
from services.registry.producers import producer_faults, recipient
from services.registry.product_names import name_keys
from services.registry.reading import Reading, read
from services.registry.requirements import document_faults, product_code_faults, sample_faults
from services.registry.texts import text_faults
from shared.contracts.blank import without_blanks
from shared.contracts.dossier import Dossier, Product, Recipient, RegistrationKind
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault

#: entries; one more than the longest list a dossier may have, so that no list costs more than the fault it is.
_LONGEST_LIST_READ = 501
#: objects within one another that hold a list: the dossier and its self-assessment.
_LISTS_DEPTH = 2


@dataclass(frozen=True)
class KnownProduct:
    """A product that is in the register already, and the numbers that its producer is known by there.

    `to_correct` is the key of the record that its first registration was turned back by evaluation, None where it was
    not, or where a correction of that was accepted already.
    """

    code: str
    producer_numbers: frozenset[str]
    product_set: int
    to_correct: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Province and commune, as they stand in the code (Decision 26/2026, Annex I)."""
        province, commune, _, _ = self.code.split("-")
        return province, commune


@dataclass(frozen=True)
class Examination:
    """What was found. `dossier` is there exactly if the contract is kept, whether or not rules are broken.

    `recipient` and `product_name` are there as far as they could be read, so that the producer can be told.
    """

    dossier: Dossier | None
    faults: tuple[Fault, ...]
    recipient: Recipient | None
    product_name: str | None

    @property
    def breaks_contract(self) -> bool:
        """Whether the data is no dossier."""
        return self.dossier is None

    @property
    def first_registration(self) -> Dossier | None:
        """The dossier, where it asks for a new product's code and nothing is wrong with it by itself."""
        first = self.dossier is not None and self.dossier.registration is RegistrationKind.FIRST
        return self.dossier if first and not self.faults else None


def examine(filed: dict[str, Any], *, filed_on: date | None = None, schemes: frozenset[str] = HTTPS) -> Examination:
    """Make every check that needs no register, on the data of `dossier.filed` as it came.

    Args:
        filed: the data.
        filed_on: the day on which it was filed, by which places are named; None: as they are named last.
        schemes: what the address of a document may begin with.
    """
    filed = without_blanks(Dossier, _clipped(filed, _LISTS_DEPTH))
    dossier, broken_contract = _parse(filed)
    reading = read(filed)
    broken = [*text_faults(filed), *_location_faults(reading, schemes)]
    shape_faults = _first_at_each_place([*broken, *broken_contract])
    return Examination(
        dossier=None if shape_faults else dossier,
        faults=at_most_listed([*shape_faults, *_rule_faults(reading, filed_on)]),
        recipient=recipient(reading.producer),
        product_name=_shown_name(reading),
    )


def examine_registration(
    dossier: Dossier, *, numbers: Collection[str], by_key: KnownProduct | None, by_code: KnownProduct | None
) -> tuple[Fault, ...]:
    """Make the checks that need the register.

    Args:
        dossier: the dossier, whose other faults do not matter here.
        numbers: whatever the register may know its producer by.
        by_key: the product that the register has under one of the dossier's `registration_keys`.
        by_code: the product that the register has under the dossier's product code.
    """
    if dossier.registration is RegistrationKind.FIRST:
        return _first_registration_faults(dossier.product, by_key)
    if dossier.product_code is None:
        return ()
    if by_code is None:
        return (_unknown_code(dossier.product_code, by_key),)
    if numbers and by_code.producer_numbers.isdisjoint(numbers):
        return (_of_another_producer(by_code.code),)
    return _changes_of_identity(dossier.product, by_code)


def registration_keys(dossier: Dossier, numbers: Iterable[str]) -> tuple[str, ...]:
    """Return what is the same for the same product of the same producer: how its name reads, and the producer.

    There is a key for each of the `numbers` that the register knows the producer by, since the next dossier may give
    only the other one, and for each of the `name_keys`: the register finds what it has under any of them.
    """
    own = own_numbers(dossier.producer.tax_code, dossier.producer.registration_number)
    names = name_keys(hide(dossier.product.name, own))
    return tuple(f"{number}/{name}" for number in numbers for name in names)


def _shown_name(reading: Reading) -> str | None:
    producer, name = reading.producer, reading.product_name
    return hide(name, producer.own_numbers if producer else ()) if name else name


def _clipped(value: Any, depth: int) -> Any:
    match value:
        case list():
            return value[:_LONGEST_LIST_READ]
        case dict() if depth:
            return {name: _clipped(entry, depth - 1) for name, entry in value.items()}
        case _:
            return value


def _parse(filed: dict[str, Any]) -> tuple[Dossier | None, list[Fault]]:
    try:
        return Dossier.model_validate(filed), []
    except ValidationError as error:
        return None, contract_faults(error)


def _location_faults(reading: Reading, schemes: frozenset[str]) -> list[Fault]:
    documents = reading.documents or ()
    return location_faults(((each.position, each.location) for each in documents if each.location), schemes)


def _first_at_each_place(faults: list[Fault]) -> list[Fault]:
    """Return the faults without the later ones of a field: broken text need not be told that it has odd characters."""
    first: dict[str, Fault] = {}
    for each in faults:
        first.setdefault(each.pointer, each)
    return list(first.values())


def _rule_faults(reading: Reading, filed_on: date | None) -> list[Fault]:
    kind, product_set = reading.registration, reading.product_set
    return [
        *product_code_faults(kind, given=reading.product_code_given),
        *(producer_faults(reading.producer, product_set) if reading.producer else ()),
        *place_faults(reading.province_code, reading.commune_code, filed_on),
        *(document_faults(reading.documents, kind, product_set) if reading.documents is not None else ()),
        *sample_faults(reading.samples, product_set),
    ]


def _first_registration_faults(product: Product, known: KnownProduct | None) -> tuple[Fault, ...]:
    """Let a new product pass, and the correction of one that evaluation turned back, even under another product set."""
    if known is None:
        return ()
    return _place_faults(product, known) if known.to_correct else (_already_registered(known.code),)


def _changes_of_identity(product: Product, known: KnownProduct) -> tuple[Fault, ...]:
    """Return what makes another product of the one that has the code; its name may change."""
    of_set = () if product.product_set == known.product_set else (_product_set_changed(known, product.product_set),)
    return (*of_set, *_place_faults(product, known))


def _place_faults(product: Product, known: KnownProduct) -> tuple[Fault, ...]:
    return () if (product.province_code, product.commune_code) == known.place else (_place_changed(known),)


def _already_registered(code: str) -> Fault:
    return fault(
        ("product", "name"),
        DossierFault.PRODUCT_ALREADY_REGISTERED,
        f"Bạn đã đăng ký sản phẩm này, mã {code}. Không cần đăng ký lần đầu nữa: hãy chọn nâng hạng sao hoặc đánh giá, "
        "phân hạng lại và ghi mã này.",
        f"You have registered this product already, its code is {code}. Register an upgrade or a re-evaluation instead "
        "and give this code.",
    )


def _unknown_code(code: str, same_product: KnownProduct | None) -> Fault:
    vi_hint = f"Sản phẩm này của bạn có mã {same_product.code}: hãy ghi mã đó." if same_product else _CHECK_CODE[0]
    en_hint = (
        f"Your product of this name has the code {same_product.code}: give it." if same_product else _CHECK_CODE[1]
    )
    return fault(
        ("product_code",),
        DossierFault.PRODUCT_UNKNOWN,
        f"Không có sản phẩm nào mang mã {code}. {vi_hint}",
        f"There is no product {code}. {en_hint}",
    )


_CHECK_CODE = (
    "Hãy xem lại mã trên giấy chứng nhận; nếu sản phẩm chưa từng đăng ký, hãy chọn đăng ký lần đầu.",
    "Check the code on the certificate; if the product was never registered, register it for the first time.",
)


def _of_another_producer(code: str) -> Fault:
    return fault(
        ("product_code",),
        DossierFault.PRODUCT_OF_ANOTHER_PRODUCER,
        f"Mã {code} là sản phẩm của chủ thể khác. Hãy xem lại mã sản phẩm, mã số thuế và số đăng ký kinh doanh.",
        f"{code} is a product of another producer. Check the product code, the tax code and the registration number.",
    )


def _product_set_changed(known: KnownProduct, given: int) -> Fault:
    return fault(
        ("product", "product_set"),
        DossierFault.PRODUCT_SET_CHANGED,
        f"Sản phẩm mã {known.code} đã đăng ký ở bộ sản phẩm số {known.product_set}, hồ sơ này lại ghi bộ số {given}. "
        f"Hãy ghi bộ số {known.product_set}; nếu đây là sản phẩm khác, hãy đăng ký lần đầu.",
        f"The product {known.code} is registered in product set {known.product_set}, this dossier says set {given}. "
        f"Give set {known.product_set}; if this is another product, register it for the first time.",
    )


def _place_changed(known: KnownProduct) -> Fault:
    province, commune = known.place
    return fault(
        ("product", "commune_code"),
        DossierFault.PLACE_CHANGED,
        f"Sản phẩm mã {known.code} đã đăng ký tại mã tỉnh {province}, mã xã {commune}; hồ sơ này lại ghi nơi khác. "
        "Hãy ghi đúng hai mã đó; nếu đây là sản phẩm khác, hãy đăng ký lần đầu.",
        f"The product {known.code} is registered in province {province}, commune {commune}; this dossier says another "
        "place. Give these two codes; if this is another product, register it for the first time.",
    )
