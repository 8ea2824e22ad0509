"""What can be read of a dossier as filed, field by field, even where other fields break the contract."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.contracts.dossier import (
    CommuneCode,
    DocumentType,
    Language,
    Location,
    Preferences,
    ProducerKind,
    ProductCode,
    ProductSet,
    ProvinceCode,
    RegistrationKind,
    WebAddress,
)
from shared.contracts.text import Code, Email, Int32, Name
from shared.personal_number import hide, own_numbers
from shared.scopes import Place

T = TypeVar("T")

_REGISTRATION = TypeAdapter(RegistrationKind)
_PRODUCER_KIND = TypeAdapter(ProducerKind)
_DOCUMENT_TYPE = TypeAdapter(DocumentType)
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_CODE: TypeAdapter[str] = TypeAdapter(Code)
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_PROVINCE_CODE: TypeAdapter[str] = TypeAdapter(ProvinceCode)
_COMMUNE_CODE: TypeAdapter[str] = TypeAdapter(CommuneCode)
_LOCATION: TypeAdapter[str] = TypeAdapter(Location)
_WEB_ADDRESS: TypeAdapter[str] = TypeAdapter(WebAddress)
_PRODUCT_CODE: TypeAdapter[str] = TypeAdapter(ProductCode)
_LANGUAGE: TypeAdapter[Language] = TypeAdapter(Language)
_PREFERENCES: TypeAdapter[Preferences] = TypeAdapter(Preferences)
_PRODUCT_SET: TypeAdapter[int] = TypeAdapter(ProductSet)
_INT32: TypeAdapter[int] = TypeAdapter(Int32)
_NUMBERS = ("tax_code", "registration_number")


@dataclass(frozen=True)
class FiledProducer:
    """The producer as far as readable; `numbers_given`: one of the two numbers is there, readable or not."""

    #: a person's number in it is hidden
    name: str | None
    kind: ProducerKind | None
    numbers_given: bool
    tax_code: str | None
    registration_number: str | None
    phone: str | None
    email: str | None
    language: Language | None
    preferences: Preferences | None
    #: persons' numbers that she gives
    own_numbers: frozenset[str]


@dataclass(frozen=True)
class FiledDocument:
    """A paper as far as readable, and its position in the list."""

    position: int
    type: DocumentType | None
    sha256: str | None
    location: str | None


@dataclass(frozen=True)
class FiledLink:
    """An address for the public as far as readable, in one of the product's lists, and its position there."""

    of: Literal["photographs", "sales_links"]
    position: int
    url: str


@dataclass(frozen=True)
class Reading:
    """A dossier as far as readable: None is what is missing or malformed, which the contract's own faults report.

    `producer` and `documents` are None only where they are no object and no list.
    """

    registration: RegistrationKind | None
    product_code_given: bool
    producer: FiledProducer | None
    #: a person's number in it is hidden
    product_name: str | None
    product_set: int | None
    province_code: str | None
    commune_code: str | None
    documents: tuple[FiledDocument, ...] | None
    samples: int | None
    links: tuple[FiledLink, ...] = ()


def place_read(filed: dict[str, Any]) -> Place:
    """Return the place of the product, as far as it is well-formed."""
    product = filed.get("product")
    return Place(
        _read(_PROVINCE_CODE, _in(product, "province_code")), _read(_COMMUNE_CODE, _in(product, "commune_code"))
    )


def read(filed: dict[str, Any]) -> Reading:
    """Read what is well-formed."""
    product, documents, place = filed.get("product"), _documents(filed.get("documents")), place_read(filed)
    links = (*_links(product, "photographs"), *_links(product, "sales_links"))
    producer, product_name = _producer(filed.get("producer")), _read(_NAME, _in(product, "name"))
    return Reading(
        registration=_read(_REGISTRATION, filed.get("registration")),
        product_code_given=filed.get("product_code") is not None,
        producer=producer,
        product_name=product_name and hide(product_name, producer.own_numbers if producer else ()),
        product_set=_read(_PRODUCT_SET, _in(product, "product_set")),
        province_code=place.province,
        commune_code=place.commune,
        documents=documents,
        samples=_read(_INT32, filed.get("samples")),
        links=links,
    )


def readable_code(written: object) -> str | None:
    """Return a product's code, None where it is none."""
    return _read(_PRODUCT_CODE, written)


def _producer(producer: object) -> FiledProducer | None:
    if not isinstance(producer, dict):
        return None
    contact = producer.get("contact")
    tax_code, registration_number = (_read(_CODE, producer.get(name)) for name in _NUMBERS)
    own, name = own_numbers(tax_code, registration_number), _read(_NAME, producer.get("name"))
    return FiledProducer(
        name=name and hide(name, own),
        kind=_read(_PRODUCER_KIND, producer.get("kind")),
        numbers_given=any(producer.get(number) is not None for number in _NUMBERS),
        tax_code=tax_code,
        registration_number=registration_number,
        phone=_read(_CODE, _in(contact, "phone")),
        email=_read(_EMAIL, _in(contact, "email")),
        language=_read(_LANGUAGE, _in(contact, "language")),
        preferences=_read(_PREFERENCES, _in(contact, "preferences")),
        own_numbers=own,
    )


def _documents(documents: object) -> tuple[FiledDocument, ...] | None:
    if not isinstance(documents, list):
        return None
    return tuple(_document(position, document) for position, document in enumerate(documents))


def _document(position: int, document: object) -> FiledDocument:
    sha256 = _in(document, "sha256")
    return FiledDocument(
        position=position,
        type=_read(_DOCUMENT_TYPE, _in(document, "type")),
        sha256=sha256.lower() if isinstance(sha256, str) else None,
        location=_read(_LOCATION, _in(document, "location")),
    )


def _links(product: object, of: Literal["photographs", "sales_links"]) -> Iterator[FiledLink]:
    listed = _in(product, of)
    for position, link in enumerate(listed if isinstance(listed, list) else ()):
        if url := _read(_WEB_ADDRESS, _in(link, "url")):
            yield FiledLink(of, position, url)


def _in(container: object, name: str) -> object:
    return container.get(name) if isinstance(container, dict) else None


def _read(adapter: TypeAdapter[T], value: object) -> T | None:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None
