"""Decide: which product of which producer a dossier is about, and whether that agrees with what the register has of it.

A person's number distinguishes producers and is disclosed nowhere: the register keeps a keyed hash of it, and what goes
on of a dossier shows its last three digits (docs/decisions/0014-personal-numbers.md).
"""

import hashlib
import hmac
import operator
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from services.registry import falls_due
from services.registry.rounds import HeldCertificate, Round
from services.registry.spelling import name_keys
from services.registry.time_limits import load_time_limits
from services.registry.units import COMMUNES
from shared.contracts.certificates import ImportedProduct
from shared.contracts.dossier import (
    AnnouncedDossier,
    Dossier,
    Photograph,
    Producer,
    ProducerKind,
    Product,
    RegistrationKind,
    SalesLink,
)
from shared.contracts.fault_codes import DossierFault
from shared.contracts.filing import FormerProducer
from shared.contracts.text import Fault
from shared.faults.fault import fault
from shared.handling.history import Due, State
from shared.personal_number import hide, own_numbers, personal_number
from shared.scopes import Place

#: What is hashed of a number begins with this, so that the key can have other uses.
_NUMBER, _FINGERPRINT = b"producer-number\n", b"fingerprint\n"
_ADDRESSEE = b"addressee\n"
#: How the register distinguishes a hash from a number in clear, which has letters and digits only.
_HASHED = "hmac:"
#: Dashes of a code of five parts.
_FORMER_DASHES = 4


@dataclass(frozen=True)
class ProducerNumbers:
    """How the register knows producers: by their numbers, and by a hash of those that are persons'.

    HMAC-SHA-256 (RFC 2104) under a key that all registries share: 12 digits alone could be found out of a plain hash by
    trying them all.
    """

    key: bytes = field(repr=False)

    def of(self, producer: Producer | FormerProducer) -> tuple[str, ...]:
        """Return what a producer is known by and recorded under, the tax code first."""
        return tuple(dict.fromkeys(map(self.recorded, _given(producer))))

    def known(self, producer: Producer) -> tuple[str, ...]:
        """Return whatever the register may know a producer by, records of the first version among it."""
        return (*self.of(producer), *numbers_in_clear(producer))

    @property
    def fingerprint(self) -> str:
        """What identifies this key, and discloses nothing of it."""
        return self._hash(_FINGERPRINT)

    @staticmethod
    def is_in_clear(recorded: str) -> bool:
        """Return whether a number is recorded as it is, and not as the hash of a person's."""
        return not recorded.startswith(_HASHED)

    def recorded(self, number: str) -> str:
        """Return what a number is recorded as; one that has been recorded stays as it is, unless it was in clear."""
        if number.startswith(_HASHED):
            return number
        personal = personal_number(number)
        return f"{_HASHED}{self._hash(_NUMBER + personal.encode())}" if personal else plain(number)

    def addressee(self, contact: str) -> str:
        """Return what stands for a way to reach a producer, and discloses nothing of it."""
        return self._hash(_ADDRESSEE + contact.encode())

    def _hash(self, message: bytes) -> str:
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()


def numbers_in_clear(producer: Producer | FormerProducer) -> tuple[str, ...]:
    """Return a producer's personal numbers as the first version of the register recorded them: in clear."""
    forms = ((plain(number), personal_number(number)) for number in _given(producer) if personal_number(number))
    return tuple(dict.fromkeys(form for both in forms for form in both if form))


def plain(number: str) -> str:
    """Return a number without spaces, dots, dashes and case."""
    compatible = unicodedata.normalize("NFKC", number).casefold()
    return "".join(character for character in compatible if character.isalnum())


def _given(producer: Producer | FormerProducer) -> list[str]:
    return [number for number in (producer.tax_code, producer.registration_number) if number and plain(number)]


@dataclass(frozen=True)
class Identity:
    """What a dossier's product and its producer are known by in the register.

    `numbers` and `keys` are what a new product is recorded under; `known_numbers` and `known_keys` whatever the
    register may have them under, records of the first version among it; `keys_in_clear` are of those alone.
    `place` has province and commune.
    """

    numbers: tuple[str, ...]
    keys: tuple[str, ...]
    known_numbers: tuple[str, ...]
    known_keys: tuple[str, ...]
    keys_in_clear: tuple[str, ...]
    place: str


def identify(dossier: Dossier, numbers: ProducerNumbers) -> Identity:
    """Return what the product of a dossier is known by."""
    place = _place(dossier)
    recorded, in_clear = numbers.of(dossier.producer), numbers_in_clear(dossier.producer)
    keys, keys_in_clear = registration_keys(dossier, recorded), registration_keys(dossier, in_clear)
    return Identity(recorded, keys, (*recorded, *in_clear), (*keys, *keys_in_clear), keys_in_clear, place)


def _place(dossier: Dossier) -> str:
    code = dossier.product_code
    return place_in(code) if code and not is_former(code) else place_of(dossier)


def is_former(product_code: str) -> bool:
    """Return whether a code may be of before July 2025: with a district, or of a commune that is gone."""
    place = Place.of_code(product_code)
    unit = COMMUNES.get(int(place.commune or 0))
    return product_code.count("-") == _FORMER_DASHES or unit is None or unit.province_code != int(place.province or 0)


def place_in(product_code: str) -> str:
    """Return province and commune of a product code (Decision 26/2026, Annex I)."""
    return product_code.rpartition("-")[0].rpartition("-")[0]


def place_of(dossier: AnnouncedDossier) -> str:
    """Return province and commune as they stand in product codes."""
    return f"{dossier.product.province_code}-{dossier.product.commune_code}"


class KnownProduct(State):
    """A product of the register, as the last event left it.

    `producer_numbers` are those that its producer is known by. `lost` is a product that is known by its code alone,
    which is kept for it. `round` is the newest of its rounds, None where it was registered before there were any, and
    `certificates` are all that it ever had, the newest last. `name` is as the newest dossier has it, `sealed_recipient`
    (whom answers are for) as that or a later `producer.contact`. `producer_kind` is None where no dossier came since
    the register keeps it. `photographs` and `sales_links` are those of the newest dossier. `announced` are the
    milestones that are settled, so that each is announced once. `former_code` is its code from before July 2025, by
    which it is found too, and `dossiers` are the ids of those that were accepted.
    """

    code: str
    former_code: str | None = None
    producer_numbers: tuple[str, ...] = ()
    product_set: int = 0
    lost: bool = False
    name: str = ""
    producer_name: str = ""
    producer_kind: ProducerKind | None = None
    must_declare_quality: bool = True
    photographs: Annotated[tuple[Photograph, ...], Field(exclude_if=operator.not_)] = ()
    sales_links: Annotated[tuple[SalesLink, ...], Field(exclude_if=operator.not_)] = ()
    sealed_recipient: str | None = None
    round: Round | None = None
    certificates: tuple[HeldCertificate, ...] = ()
    announced: tuple[str, ...] = ()
    dossiers: tuple[str, ...] = ()

    @property
    def due(self) -> tuple[Due, ...]:
        """What falls due of its certificate in force, and for the office that has its round."""
        return falls_due.due(self.round, self.certificates, self.announced, load_time_limits())

    @property
    def in_force(self) -> HeldCertificate | None:
        """The certificate that is in force, extended or not."""
        return next((each for each in reversed(self.certificates) if each.is_in_force), None)

    @property
    def open_round(self) -> Round | None:
        """The round that has not ended."""
        return self.round if self.round and self.round.is_open else None

    @property
    def place(self) -> tuple[str, str]:
        """Province and commune, as they stand in the code (Decision 26/2026, Annex I)."""
        province, commune, _, _ = self.code.split("-")
        return province, commune


def examine_registration(
    dossier: Dossier, *, numbers: Collection[str], by_key: KnownProduct | None, by_code: KnownProduct | None
) -> tuple[Fault, ...]:
    """Return what of a dossier does not agree with the product that the register has.

    Args:
        dossier: the dossier, whose other faults do not matter here.
        numbers: whatever the register may know its producer by.
        by_key: the product that the register has under one of the dossier's `registration_keys`.
        by_code: the product that the register has under the dossier's product code.
    """
    is_first = dossier.registration is RegistrationKind.FIRST
    if dossier.product_code is None:
        return _place_faults(dossier.product, by_key) if is_first and by_key else ()
    if by_code is None:
        return (unknown_code(dossier.product_code, by_key),)
    if numbers and set(by_code.producer_numbers).isdisjoint(numbers):
        return (of_another_producer(by_code.code),)
    # a first registration names its product set, even where the product has a code from an earlier one
    return (_place_faults if is_first else changes_of_identity)(dossier.product, by_code)


def registration_keys(dossier: Dossier, numbers: Iterable[str]) -> tuple[str, ...]:
    """Return what is the same for the same product of the same producer: how its name reads, and the producer.

    There is a key for each of the `numbers` that the register knows the producer by, since the next dossier may give
    only the other one, and for each of the `name_keys`: the register finds what it has under any of them.
    """
    own = own_numbers(dossier.producer.tax_code, dossier.producer.registration_number)
    return keys_of(hide(dossier.product.name, own), numbers)


def keys_of(product_name: str, numbers: Iterable[str]) -> tuple[str, ...]:
    """Return the `registration_keys` of a product by its name, in which her own numbers are hidden."""
    names = name_keys(product_name)
    return tuple(f"{number}/{name}" for number in numbers for name in names)


def changes_of_identity(product: Product | ImportedProduct, known: KnownProduct) -> tuple[Fault, ...]:
    """Return what makes another product of the one that has the code; its name may change."""
    of_set = () if product.product_set == known.product_set else (_product_set_changed(known, product.product_set),)
    return (*of_set, *_place_faults(product, known))


def _place_faults(product: Product | ImportedProduct, known: KnownProduct) -> tuple[Fault, ...]:
    return () if (product.province_code, product.commune_code) == known.place else (_place_changed(known),)


def unknown_code(code: str, same_product: KnownProduct | None) -> Fault:
    """Return the fault of a code that no product has; `same_product` is the one that may be meant."""
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
    (
        "Hãy xem lại mã trên giấy chứng nhận. Nếu sản phẩm đã được công nhận trước khi dùng hệ thống này, hãy đề "
        "nghị cơ quan quản lý OCOP nhập giấy chứng nhận vào hệ thống rồi nộp lại, đừng đăng ký lần đầu. Chỉ khi "
        "sản phẩm chưa từng được cấp mã, hãy chọn đăng ký lần đầu."
    ),
    (
        "Check the code on the certificate. If the product was recognised before this system was used, ask the "
        "OCOP office to bring its certificate into the system and file again; do not register it for the first "
        "time. Only a product that never had a code is registered for the first time."
    ),
)


def of_another_producer(code: str) -> Fault:
    """Return the fault of numbers that the product's producer is not known by."""
    return fault(
        ("product_code",),
        DossierFault.PRODUCT_OF_ANOTHER_PRODUCER,
        f"Mã {code} là sản phẩm của chủ thể khác. Hãy xem lại mã sản phẩm, mã số thuế và số đăng ký kinh doanh. "
        "Nếu cơ sở của bạn đã đổi số, ví dụ hộ kinh doanh thành công ty, hãy đề nghị cơ quan quản lý OCOP ghi "
        "nhận việc chuyển đổi kèm giấy tờ chứng minh, rồi nộp lại.",
        f"{code} is a product of another producer. Check the product code, the tax code and the registration "
        "number. If your business has new numbers, say a household that became a company, ask the OCOP office to "
        "file the succession with the paper that proves it, then file again.",
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
