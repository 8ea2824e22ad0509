"""Decide: a certificate from before this register, or on paper → the product is known, its certificate in force.

Decision 26/2026/QĐ-TTg, Articles 4.3 and 12.1: such a certificate keeps its own dates. A code of today's form is kept,
and its commune's numbers go on behind it; an older code is accepted in the place of the one that the product gets.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from services.registry import SOURCE
from services.registry.certificates import (
    Announcement,
    after_extension,
    answers,
    at_its_end,
    given,
    issued,
    last_valid_day,
)
from services.registry.disclosure import OwnContact
from services.registry.identity import (
    KnownProduct,
    ProducerNumbers,
    changes_of_identity,
    is_former,
    keys_of,
    numbers_in_clear,
    of_another_producer,
)
from services.registry.places import place_faults
from services.registry.producers import producer_faults, recipient
from services.registry.reading import place_read, read
from services.registry.recognition_faults import already_imported, authority_faults, date_faults, number_taken
from services.registry.registration import entry
from services.registry.rounds import CertificateStatus
from services.registry.texts import text_faults
from services.registry.validity import days_after
from shared.contracts.catalogue import CERTIFICATE_IMPORTED
from shared.contracts.certificates import Certificate, CertificateImported
from shared.contracts.event import Event
from shared.contracts.fault_codes import DossierFault
from shared.contracts.filing import FormerProducer
from shared.contracts.product import parts_of
from shared.contracts.text import Fault
from shared.faults.fault import fault, listed
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date
from shared.personal_number import hide
from shared.scopes import Scope
from shared.sealing import Seal

#: No product was certified before the programme began (Decision 490/QĐ-TTg of 7 May 2018).
PROGRAMME_BEGAN = date(2018, 5, 7)
_BEGINNING = ("ngày bắt đầu Chương trình OCOP", "the day on which the programme began")
#: No certificate has been valid for more than 36 months (Decisions 1048/QĐ-TTg, 781/QĐ-TTg, 148/QĐ-TTg); as many again
#: are let pass, since the paper's own date counts.
MOST_DAYS_VALID = 2 * 3 * 366


@dataclass(frozen=True)
class ExaminedImport:
    """A `certificate.imported` that was filed, and what was found in it by itself.

    `numbers` and `keys` are what its product and producer are recorded under, `known_numbers` and `known_keys` whatever
    the register may have them under. Names are without persons' numbers and contacts. `keeps_code` says that the code
    is of today's form.
    """

    filing: Filing[CertificateImported]
    content: CertificateImported | None
    faults: tuple[Fault, ...] = ()
    numbers: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    known_numbers: tuple[str, ...] = ()
    known_keys: tuple[str, ...] = ()
    product_name: str = ""
    producer_name: str = ""
    sealed_recipient: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, event: Event, scope: Scope, *, numbers: ProducerNumbers, seal: Seal, today: date) -> Self:
        """Examine what an event says."""
        # of today's unit: an older code names one that is gone
        filing = Filing.of(event, CERTIFICATE_IMPORTED, scope, source=SOURCE, place_in=place_read)
        content, filed, reading = filing.content, filing.filed, read(filing.filed)
        if content is None or reading.producer is None:
            return cls(filing, None, filing.faults)
        certificate = content.certificate
        broken = (*text_faults(filed), *_certificate_faults(content, today))
        others = (
            *producer_faults(reading.producer, content.product.product_set),
            *place_faults(content.product.province_code, content.product.commune_code, certificate.decision.date),
            *_code_faults(content),
        )
        if faults := listed(first_at_each_place=broken, others=others):
            return cls(filing, None, faults)
        producer = FormerProducer(**content.producer.model_dump(include={"tax_code", "registration_number"}))
        recorded, clear = numbers.of(producer), numbers_in_clear(producer)
        to = recipient(reading.producer)
        own = OwnContact.of(to.contact.phone, to.contact.email) if to else None
        hidden = [hide(name, reading.producer.own_numbers) for name in (content.product.name, content.producer.name)]
        product_name, producer_name = (own.hidden_in(name) if own and own.is_in(name) else name for name in hidden)
        return cls(
            filing,
            content,
            (),
            recorded,
            keys_of(hidden[0], recorded),
            (*recorded, *clear),
            keys_of(hidden[0], (*recorded, *clear)),
            product_name,
            producer_name,
            seal(to) if to else None,
        )

    @property
    def place(self) -> str | None:
        """Province and commune, as codes begin."""
        return self.filing.place.text

    @property
    def would_conflict(self) -> bool:
        """Return whether unique indexes refuse it where the register has its product, whatever it is known by.

        Under a person's number in clear, as the first version kept it, the register may have what no index sees.
        """
        return self.content is not None and set(self.known_keys) == set(self.keys)

    @property
    def keeps_code(self) -> bool:
        """Return whether its code is of today's form, and is kept."""
        return self.content is not None and not is_former(self.content.product_code)

    @property
    def series(self) -> tuple[str, int]:
        """Place and year of the product's serial: those of the code that it keeps, or else of the decision."""
        if self.content and self.keeps_code:
            place, year, _ = parts_of(self.content.product_code)
            return place, year
        return str(self.place), self.content.certificate.decision.date.year if self.content else 0

    @property
    def certificate(self) -> Certificate | None:
        """The certificate as it is kept: from the day of its decision to its own last day (Art. 12.1)."""
        if self.content is None:
            return None
        paper = self.content.certificate
        return Certificate(
            number=paper.number,
            stars=paper.stars,
            authority=paper.authority,
            decision=paper.decision,
            issued_on=paper.decision.date,
            last_day=paper.last_day,
            legal_document=paper.legal_document,
        )


@dataclass(frozen=True)
class ImportState:
    """What the register knows that bears on an import.

    `by_code` is the product that has its code, today's or older; `by_key` the one of this name and producer.
    `number_key` is what its certificate's number is recorded under, None where another has it. `last_serial` is the
    last number that the commune has given in the decision's year.
    """

    by_code: Version[KnownProduct] | None = None
    by_key: Version[KnownProduct] | None = None
    number_key: str | None = None
    last_serial: int = 0


def decide(state: ImportState, filing: ExaminedImport, now: datetime) -> Decision:
    """Answer with `certificate.issued`, and what has become of it since, or with `filing.rejected`."""
    content, certificate = filing.content, filing.certificate
    if content is None or certificate is None:
        return filing.filing.rejected(filing.faults, now)
    if faults := _register_faults(state, filing, content):
        return filing.filing.rejected(faults, now)
    known = state.by_code or state.by_key
    code, registered = (known.of, {}) if known else _code(state, filing, content)
    before = known.state if known else KnownProduct(code=code, product_set=content.product.product_set)
    product, announced = _imported(before, filing, content, certificate, legal_date(now))
    version = known.then(product) if known else Version(code, 1, product)
    is_new_alias = product.former_code is not None and before.former_code is None
    fields = {
        **filing.filing.on_record,
        "outcome": "imported",
        "product_code": code,
        **given(state.number_key or ""),
        **({"registered": registered | {"keys": filing.keys}} if registered else {}),
        **({"former": {"code": product.former_code, "of": code}} if is_new_alias else {}),
    }
    event = filing.filing.event
    events = answers(event, product, announced, sequence=version.number, now=now)
    return Decision(event.key, events, fields, version=version)


def _imported(
    product: KnownProduct, filing: ExaminedImport, content: CertificateImported, certificate: Certificate, today: date
) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Return the product with its certificate as it stands today. Nobody is alerted of what happened before."""
    former = product.former_code or (content.product_code if not filing.keeps_code else None)
    known = product.model_copy(
        update={
            "former_code": former,
            "producer_numbers": tuple(dict.fromkeys((*product.producer_numbers, *filing.numbers))),
            "name": product.name or filing.product_name,
            "producer_name": product.producer_name or filing.producer_name,
            "producer_kind": product.producer_kind or content.producer.kind,
            "sealed_recipient": filing.sealed_recipient or product.sealed_recipient,
        }
    )
    after, announced = issued(known, certificate, is_told=False)
    held = after.certificates[-1].model_copy(update={"filed_on_paper": content.re_evaluation_filed_on})
    after = after.model_copy(update={"certificates": (*after.certificates[:-1], held)})
    if today <= certificate.last_day:
        return after, announced
    after, ended = at_its_end(after, held, is_told=False)
    announced += ended
    held = after.certificates[-1]
    if held.status is CertificateStatus.EXTENDED and today > (last_day := last_valid_day(after, held)):
        after, expired = after_extension(after, held, last_day=last_day, is_told=False)
        announced += expired
    return after, announced


def _code(state: ImportState, filing: ExaminedImport, content: CertificateImported) -> tuple[str, dict[str, Any]]:
    """Return a new product's code and the entry that makes it the product's for life (Annex I)."""
    _, _, serial = parts_of(content.product_code)
    registered = entry(*filing.series, serial if filing.keeps_code else state.last_serial + 1, after=state.last_serial)
    return registered["code"], registered


def _code_faults(content: CertificateImported) -> tuple[Fault, ...]:
    """Return the fault of a code of today that names another commune than the product's."""
    code, place = content.product_code, f"{content.product.province_code}-{content.product.commune_code}"
    if is_former(code) or parts_of(code)[0] == place:
        return ()
    return (
        fault(
            ("product", "commune_code"),
            DossierFault.PLACE_CHANGED,
            f"Mã sản phẩm {code} thuộc nơi khác với mã tỉnh, mã xã đã ghi ({place}). Hãy ghi đúng mã sản phẩm hoặc mã "
            "xã.",
            f"The product code {code} is of another place than the codes given ({place}). Correct one of them.",
        ),
    )


def _certificate_faults(content: CertificateImported, today: date) -> tuple[Fault, ...]:
    certificate, filed_on = content.certificate, content.re_evaluation_filed_on
    decided = certificate.decision.date
    of_decision = ("ngày quyết định công nhận", "the decision")
    at = ("certificate", "decision", "date")
    faults = [
        *authority_faults(("certificate", "stars"), certificate.stars, certificate.authority),
        *date_faults(at, decided, today, not_before=PROGRAMME_BEGAN, what=_BEGINNING),
    ]
    if certificate.last_day < decided:
        faults += date_faults(
            ("certificate", "last_day"), certificate.last_day, date.max, not_before=decided, what=of_decision
        )
    elif certificate.last_day > days_after(decided, MOST_DAYS_VALID):
        faults.append(_too_long(certificate.last_day))
    if filed_on:
        faults += date_faults(("re_evaluation_filed_on",), filed_on, today, not_before=decided, what=of_decision)
    return tuple(faults)


def _too_long(last_day: date) -> Fault:
    return fault(
        ("certificate", "last_day"),
        DossierFault.OUT_OF_RANGE,
        f"Giấy chứng nhận OCOP có hiệu lực 36 tháng, không thể đến ngày {last_day:%d/%m/%Y}. Hãy ghi đúng ngày hết "
        "hiệu lực trên giấy.",
        f"An OCOP certificate is valid for 36 months, and not until {last_day}. Give the last day on the paper.",
    )


def _register_faults(state: ImportState, filing: ExaminedImport, content: CertificateImported) -> tuple[Fault, ...]:
    known, number = (state.by_code or state.by_key), content.certificate.number
    if known:
        product = known.state
        decided_in = content.certificate.decision.date.year
        kept = ((each.certificate.number, each.certificate.decision.date.year) for each in product.certificates)
        if (number, decided_in) in kept:
            return (already_imported(product.code, number),)
        if faults := _identity_faults(state, filing, content, product):
            return faults
        if product.certificates and product.certificates[-1].certificate.issued_on >= content.certificate.decision.date:
            newest = product.certificates[-1].certificate.issued_on
            what = ("ngày của giấy chứng nhận mới nhất trong hệ thống", "the newest certificate in the register")
            where, day = ("certificate", "decision", "date"), content.certificate.decision.date
            return date_faults(where, day, date.max, not_before=newest + timedelta(days=1), what=what)
    return () if state.number_key else (number_taken(("certificate", "number"), number),)


def _identity_faults(
    state: ImportState, filing: ExaminedImport, content: CertificateImported, product: KnownProduct
) -> tuple[Fault, ...]:
    """Return what makes another product of the one that the register has under this code, or under this name."""
    if state.by_code is None and (filing.keeps_code or product.former_code):
        return (_registered_as(product.code),)
    if set(product.producer_numbers).isdisjoint(filing.known_numbers):
        return (of_another_producer(product.code),)
    return changes_of_identity(content.product, product)


def _registered_as(code: str) -> Fault:
    return fault(
        ("product_code",),
        DossierFault.PRODUCT_ALREADY_REGISTERED,
        f"Sản phẩm này của chủ thể đã có mã {code} trong hệ thống. Một sản phẩm không thể mang hai mã: hãy nhập giấy "
        "chứng nhận với mã đó.",
        f"The register has this product of this producer under {code}. One product cannot have two codes: import the "
        "certificate under that code.",
        product_code=code,
    )
