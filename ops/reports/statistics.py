"""`ocop report statistics`: how many products there are, by place, kind, stars and month."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import compress

from ops.language import Message
from ops.reports.both import InBoth
from ops.reports.columns import those
from ops.reports.measures import CERTIFIED, MEASURES, NOTHING, STARS, Measured, added_up, measured
from ops.reports.products import Products
from ops.reports.register import commune_name
from ops.reports.report import Column, Kind, Report, Section, Value
from services.evaluation.rulebook import load_rulebook
from services.registry.facts import CertificateFacts, Facts, newest_of
from services.registry.rounds import CertificateStatus
from services.registry.units import PROVINCES
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Stage

_SHARE = Column("share", Message("Share"), Kind.SHARE)
#: What a round, or a certificate that came from it, is of; None is not on record.
ORIGINS: Mapping[RegistrationKind | None, Column] = {
    RegistrationKind.FIRST: Column("first", Message("First registration"), Kind.NUMBER, summed=True),
    RegistrationKind.UPGRADE: Column("upgrade", Message("Upgrade"), Kind.NUMBER, summed=True),
    RegistrationKind.RE_EVALUATION: Column("re_evaluation", Message("Re-evaluation"), Kind.NUMBER, summed=True),
    None: Column("not_on_record", Message("Not on record"), Kind.NUMBER, summed=True),
}
NOTES = (
    Message(
        "Counted are the products of the register, one each, wherever its certificate or round stands; stars are those "
        "of the certificate in force. A product lies where its code says, under today's names."
    ),
    Message(
        "Months are those of the recognition. A producer is one number that is registered; its kind is not on record "
        "where no dossier or certificate came in since the register keeps it."
    ),
)


def statistics(facts: Sequence[Facts], day: date, notes: Iterable[Message] = ()) -> Report:
    """Return what there is, of these products."""
    products = Products.of(facts)
    by_place, by_set = measured(products, products.places), measured(products, products.sets)
    by_province = added_up((place[:2], numbers) for place, numbers in by_place.items())
    made = (
        *([_provinces(by_province)] if len(by_province) > 1 else []),
        *(_communes(by_place, day), _groups(by_set), _sets(by_set)),
        *(each(products) for each in (_stars, _producers, _certificates, _rounds, _months)),
    )
    return Report("statistics", Message("Statistics"), day, made, (*notes, *NOTES))


def _provinces(by_province: Mapping[str, Measured]) -> Section:
    rows: list[Sequence[Value]] = [
        (code, PROVINCES.get(int(code)), *numbers) for code, numbers in sorted(by_province.items())
    ]
    columns = (Column("province_code", Message("Code"), Kind.ID), Column("province", Message("Province")))
    return Section("provinces", Message("By province"), (*columns, *MEASURES), rows)


def _communes(by_place: Mapping[str, Measured], day: date) -> Section:
    rows: list[Sequence[Value]] = [
        (place[3:], commune_name(place[3:], day), place[:2], *numbers) for place, numbers in sorted(by_place.items())
    ]
    columns = (
        Column("commune_code", Message("Code"), Kind.ID),
        Column("commune", Message("Commune")),
        Column("province_code", Message("Province"), Kind.ID),
    )
    return Section("communes", Message("By commune"), (*columns, *MEASURES), rows)


def _groups(by_set: Mapping[int, Measured]) -> Section:
    sheets = load_rulebook().sheets.values()
    of_set = {each.product_set: each.group.code for each in sheets}
    by_group = added_up((of_set.get(number), numbers) for number, numbers in by_set.items())
    names = {each.group.code: InBoth(each.group) for each in sheets}
    rows: list[Sequence[Value]] = [(code, name, *by_group.get(code, NOTHING)) for code, name in sorted(names.items())]
    columns = (Column("group", Message("Group"), Kind.ID), Column("name", Message("Name")))
    return Section("groups", Message("By product group"), (*columns, *MEASURES), [*rows, *_without(by_group)])


def _sets(by_set: Mapping[int, Measured]) -> Section:
    names = {each.product_set: InBoth(each.name) for each in load_rulebook().sheets.values()}
    by_known = added_up((number if number in names else None, numbers) for number, numbers in by_set.items())
    rows: list[Sequence[Value]] = [
        (str(number), name, *by_known.get(number, NOTHING)) for number, name in sorted(names.items())
    ]
    columns = (Column("product_set", Message("Set"), Kind.ID), Column("name", Message("Name")))
    return Section("sets", Message("By product set"), (*columns, *MEASURES), [*rows, *_without(by_known)])


def _without(by_key: Mapping[str | None, Measured] | Mapping[int | None, Measured]) -> Iterator[Sequence[Value]]:
    """Yield the row of products whose set is not on record, such as one whose dossier is lost."""
    if None in by_key:
        yield (None, Message("Not on record"), *by_key[None])


def _stars(products: Products) -> Section:
    by_stars, everything = Counter(products.stars), len(products)
    rows = [
        (
            stars,
            by_stars[stars],
            _number_of(compress(products.producers, those(products.stars, stars))),
            _share(by_stars[stars], everything),
        )
        for stars in (0, *CERTIFIED)
    ]
    columns = (
        Column("stars", Message("Stars"), Kind.STARS),
        Column("products", Message("Products"), Kind.NUMBER, summed=True),
        Column("producers", Message("Producers"), Kind.NUMBER),
        _SHARE,
    )
    return Section("stars", Message("By stars in force"), columns, rows)


def _producers(products: Products) -> Section:
    kinds = (*ProducerKind, None)
    of_each, by_kind = products.kinds.in_bytes(kinds.index), measured(products, products.kinds)
    known = {
        kind: {*compress(products.producers, those(of_each, place))} - {""}
        for place, kind in enumerate(kinds)
        if kind in by_kind
    }
    everyone = len(set().union(*known.values()))
    rows = [
        (kind or Message("Not on record"), len(own), _share(len(own), everyone), *by_kind[kind])
        for kind, own in known.items()
    ]
    columns = (
        Column("kind", Message("Producers"), Kind.CODED),
        Column("producers", Message("Producers"), Kind.NUMBER),
        _SHARE,
        *MEASURES,
    )
    note = Message("{number} producers in all.", number=everyone)
    return Section("producers", Message("By kind of producer"), columns, rows, (note,))


def _certificates(products: Products) -> Section:
    by_status: Counter[CertificateStatus | None] = Counter()
    for held, number in products.certificates.counted:
        newest = newest_of(held)
        by_status[newest.status if newest else None] += number
    rows = [
        (status or Message("None yet"), number, _share(number, len(products)))
        for status, number in by_status.most_common()
    ]
    columns = (
        Column("status", Message("Certificate"), Kind.CODED),
        Column("products", Message("Products"), Kind.NUMBER, summed=True),
        _SHARE,
    )
    return Section("certificates", Message("By the state of the certificate"), columns, rows)


def _rounds(products: Products) -> Section:
    by_stage: Counter[tuple[Stage, RegistrationKind]] = Counter()
    for of, number in products.rounds.counted:
        if of:
            by_stage[of.stage, of.registration] += number
    rows: list[Sequence[Value]] = [
        (stage, *(by_stage[stage, kind] for kind in RegistrationKind)) for stage in Stage if stage is not Stage.CLOSED
    ]
    columns = (Column("stage", Message("Round"), Kind.CODED), *(ORIGINS[kind] for kind in RegistrationKind))
    return Section("rounds", Message("By where the open round is"), columns, rows)


def _months(products: Products) -> Section:
    issued = added_up(
        (f"{each.issued_on:%Y-%m}", tuple([number * of for of in _recognised(each)]))
        for held, number in products.certificates.counted
        for each in held
    )
    rows: list[Sequence[Value]] = [(month, *numbers) for month, numbers in sorted(issued.items())]
    columns = (
        Column("month", Message("Month"), Kind.ID),
        Column("certificates", Message("Certificates"), Kind.NUMBER, summed=True),
        *STARS,
        *ORIGINS.values(),
    )
    return Section("months", Message("Recognised, by month"), columns, rows)


def _recognised(certificate: CertificateFacts) -> Sequence[int]:
    by_stars, by_origin = (
        (certificate.stars == each for each in CERTIFIED),
        (certificate.registration is each for each in ORIGINS),
    )
    return 1, *by_stars, *by_origin


def _number_of(producers: Iterable[str]) -> int:
    return len({*producers} - {""})


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole or 1)
