"""`ocop report statistics`: how many products there are, by place, kind, stars and month."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from ops.language import Message
from ops.reports.measures import CERTIFIED, MEASURES, STARS, grouped, measured
from ops.reports.register import commune_name
from ops.reports.report import Column, Kind, Report, Section, Value
from services.evaluation.rulebook import load_rulebook
from services.registry.facts import CertificateFacts, Facts
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
    sections = (_communes, _groups, _sets, _stars, _producers, _certificates, _rounds, _months)
    by_province = [_provinces(facts)] if len({each.place[0] for each in facts}) > 1 else []
    made = (*by_province, *(each(facts) for each in sections))
    return Report("statistics", Message("Statistics"), day, made, (*notes, *NOTES))


def _provinces(facts: Sequence[Facts]) -> Section:
    rows: list[Sequence[Value]] = [
        (code, PROVINCES.get(int(code)), *measured(those))
        for code, those in sorted(grouped(facts, lambda each: each.place[0]).items())
    ]
    columns = (Column("province_code", Message("Code"), Kind.ID), Column("province", Message("Province")))
    return Section("provinces", Message("By province"), (*columns, *MEASURES), rows)


def _communes(facts: Sequence[Facts]) -> Section:
    rows: list[Sequence[Value]] = [
        (commune, commune_name(commune), province, *measured(those))
        for (province, commune), those in sorted(grouped(facts, lambda each: each.place).items())
    ]
    columns = (
        Column("commune_code", Message("Code"), Kind.ID),
        Column("commune", Message("Commune")),
        Column("province_code", Message("Province"), Kind.ID),
    )
    return Section("communes", Message("By commune"), (*columns, *MEASURES), rows)


def _groups(facts: Sequence[Facts]) -> Section:
    sheets = load_rulebook().sheets.values()
    of_set = {each.product_set: each.group.code for each in sheets}
    by_group = grouped(facts, lambda each: of_set.get(each.product_set))
    names = {each.group.code: each.group.vi for each in sheets}
    rows: list[Sequence[Value]] = [
        (code, name, *measured(by_group.get(code, ()))) for code, name in sorted(names.items())
    ]
    columns = (Column("group", Message("Group"), Kind.ID), Column("name", Message("Name")))
    return Section("groups", Message("By product group"), (*columns, *MEASURES), [*rows, *_without(by_group)])


def _sets(facts: Sequence[Facts]) -> Section:
    names = {each.product_set: each.name.vi for each in load_rulebook().sheets.values()}
    by_set = grouped(facts, lambda each: each.product_set if each.product_set in names else None)
    rows: list[Sequence[Value]] = [
        (str(number), name, *measured(by_set.get(number, ()))) for number, name in sorted(names.items())
    ]
    columns = (Column("product_set", Message("Set"), Kind.ID), Column("name", Message("Name")))
    return Section("sets", Message("By product set"), (*columns, *MEASURES), [*rows, *_without(by_set)])


def _without(by_key: dict[str | None, list[Facts]] | dict[int | None, list[Facts]]) -> Iterator[Sequence[Value]]:
    """Yield the row of products whose set is not on record, such as one whose dossier is lost."""
    if None in by_key:
        yield (None, Message("Not on record"), *measured(by_key[None]))


def _stars(facts: Sequence[Facts]) -> Section:
    by_stars = grouped(facts, lambda each: each.stars)
    rows = [
        (stars, len(those := by_stars.get(stars, ())), _producers_of(those), _share(len(those), len(facts)))
        for stars in (0, *CERTIFIED)
    ]
    columns = (
        Column("stars", Message("Stars"), Kind.STARS),
        Column("products", Message("Products"), Kind.NUMBER, summed=True),
        Column("producers", Message("Producers"), Kind.NUMBER),
        _SHARE,
    )
    return Section("stars", Message("By stars in force"), columns, rows)


def _producers(facts: Sequence[Facts]) -> Section:
    by_kind, everyone = grouped(facts, lambda each: each.kind), _producers_of(facts)
    rows = [
        (kind or Message("Not on record"), number := _producers_of(those), _share(number, everyone), *measured(those))
        for kind in (*ProducerKind, None)
        if (those := by_kind.get(kind))
    ]
    columns = (
        Column("kind", Message("Producers"), Kind.CODED),
        Column("producers", Message("Producers"), Kind.NUMBER),
        _SHARE,
        *MEASURES,
    )
    note = Message("{number} producers in all.", number=everyone)
    return Section("producers", Message("By kind of producer"), columns, rows, (note,))


def _certificates(facts: Sequence[Facts]) -> Section:
    by_status = grouped(facts, lambda each: each.newest.status if each.newest else None)
    rows = [
        (status or Message("None yet"), len(those), _share(len(those), len(facts)))
        for status, those in sorted(by_status.items(), key=lambda each: -len(each[1]))
    ]
    columns = (
        Column("status", Message("Certificate"), Kind.CODED),
        Column("products", Message("Products"), Kind.NUMBER, summed=True),
        _SHARE,
    )
    return Section("certificates", Message("By the state of the certificate"), columns, rows)


def _rounds(facts: Sequence[Facts]) -> Section:
    by_stage = grouped(facts, lambda each: each.open_round.stage if each.open_round else None)
    rows: list[Sequence[Value]] = [
        (stage, *(_of_kind(by_stage.get(stage, ()), kind) for kind in RegistrationKind))
        for stage in Stage
        if stage is not Stage.CLOSED
    ]
    columns = (Column("stage", Message("Round"), Kind.CODED), *(ORIGINS[kind] for kind in RegistrationKind))
    return Section("rounds", Message("By where the open round is"), columns, rows)


def _of_kind(facts: Iterable[Facts], kind: RegistrationKind) -> int:
    return sum(each.open_round is not None and each.open_round.registration is kind for each in facts)


def _months(facts: Sequence[Facts]) -> Section:
    issued: dict[str, list[CertificateFacts]] = {}
    for each in facts:
        for certificate in each.certificates:
            issued.setdefault(f"{certificate.issued_on:%Y-%m}", []).append(certificate)
    rows: list[Sequence[Value]] = [(month, *_of_month(those)) for month, those in sorted(issued.items())]
    columns = (
        Column("month", Message("Month"), Kind.ID),
        Column("certificates", Message("Certificates"), Kind.NUMBER, summed=True),
        *STARS,
        *ORIGINS.values(),
    )
    return Section("months", Message("Recognised, by month"), columns, rows)


def _of_month(issued: Sequence[CertificateFacts]) -> tuple[int, ...]:
    stars, origins = [each.stars for each in issued], [each.registration for each in issued]
    return len(issued), *map(stars.count, CERTIFIED), *map(origins.count, ORIGINS)


def _producers_of(facts: Iterable[Facts]) -> int:
    return len({each.producer for each in facts if each.producer})


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole or 1)
