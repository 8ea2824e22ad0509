"""How long a question to the register takes: what `ocop find`, `product list` and `report` ask, with many products."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from time import perf_counter

from benchmarks.arena import Arena, Json
from benchmarks.plan import Plan
from ops.database_reader import Reader
from ops.find.asking import Asked
from ops.find.reading import read_page
from ops.reports.register import read_facts
from ops.reports.statistics import statistics
from services.registry.gazetteer import meant, provinces_meant
from services.registry.identity import KnownProduct
from services.registry.products import VIEW
from services.registry.rounds import HeldCertificate, Round
from services.registry.search_keys import wanted
from services.registry.units import COMMUNES
from shared.clock import system_clock
from shared.contracts.certificates import Authority, Certificate
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Letter, Stage
from shared.handling.history import Version
from shared.handling.now import Mark, NowDocuments
from shared.handling.records import history_document
from shared.handling.write_behind import CAUGHT_UP
from shared.legal_date import legal_date
from shared.storage import Database
from shared.system import SYSTEM

#: documents that are written at once
_BATCH = 200
#: times that each question is asked
_TIMES = 9
#: What products are called; behind it stands their commune's name, as it does in their producers' names.
_KINDS = (
    "Mật ong", "Gạo nếp", "Chè xanh", "Bánh tẻ", "Nước mắm", "Miến dong", "Rượu nếp", "Cam sành", "Thịt trâu gác bếp",
    "Chả mực", "Gốm sứ", "Lụa tơ tằm", "Tinh bột nghệ", "Bún khô", "Cà phê rang xay", "Hạt điều rang muối",
)  # fmt: skip
_PRODUCERS = ("Hợp tác xã nông nghiệp", "Cơ sở sản xuất", "Công ty TNHH thực phẩm")
_CERTIFICATE_DAYS = 36 * 30
#: Of which place statistics are made, none for the whole country.
_REPORTS = {"statistics of a commune": "09574", "statistics of a province": "01", "statistics of the country": ""}


@dataclass(frozen=True)
class Answered:
    """A question, how many products the answer had, and the milliseconds of each time that it was asked."""

    question: str
    products: int
    milliseconds: tuple[float, ...]


async def measure_search(arena: Arena, plan: Plan, products: int) -> list[Answered]:
    """Write documents of now of so many products, and ask."""
    arena.say(f"{products:,} products are written …")
    some = await write_products(arena, products, seed=plan.seed)
    reader = Reader(arena.stack.credentials("operator").mongo_url or "")
    try:
        found = [await _answered(reader, question, asked) for question, asked in _questions(some)]
        return [*found, *[await _counted(reader, question, place) for question, place in _REPORTS.items()]]
    finally:
        reader.close()


def _questions(some: KnownProduct) -> Iterator[tuple[str, Asked]]:
    """Yield what is asked; `some` is a product that there is, from the middle."""
    for text in ("mật ong", "mat ong", "hợp tác xã", "mật ong sơn tây", "Sơn Tây", "mặt ong"):
        yield text, Asked(wanted(text), tuple(meant(text)))
    exact = {"a code": some.code, "a tax number": some.producer_numbers[0], "a dossier's id": some.dossiers[0]}
    yield from ((what, Asked(wanted(text))) for what, text in exact.items())
    yield "words that nothing has", Asked(wanted("không có gì như vậy"))
    yield "the first page of all", Asked()
    yield "the page behind the middle", Asked(after=some.code)
    yield "a province, 4 or 5 stars", Asked(place=provinces_meant("25")[0], stars=(4, 5))
    yield "5 stars", Asked(stars=(5,))
    yield "a commune", Asked(place=meant("09574")[0])
    yield "rounds at a province's council", Asked(stages=(Stage.AT_PROVINCE,))
    yield "a product set, no certificate", Asked(product_sets=(6,), stars=(0,))


async def _answered(reader: Reader, question: str, asked: Asked) -> Answered:
    taken, products = [], 0
    for _ in range(_TIMES):
        began = perf_counter()
        products = len((await read_page(reader, asked)).products)
        taken.append((perf_counter() - began) * 1000)
    return Answered(question, products, tuple(taken))


async def _counted(reader: Reader, question: str, place: str) -> Answered:
    """Read what is counted of a place, by its code, and make the statistics of it."""
    taken, products, today = [], 0, legal_date(system_clock())
    for _ in range(_TIMES):
        began = perf_counter()
        counted = await read_facts(reader, meant(place)[0] if place else None)
        statistics(counted.facts, today)
        products = len(counted.facts)
        taken.append((perf_counter() - began) * 1000)
    return Answered(question, products, tuple(taken))


async def write_products(arena: Arena, count: int, *, seed: int) -> KnownProduct:
    """Write the documents of now and their packs, and return a product from the middle."""
    own, service = arena.stack.credentials("registry"), "registry"
    database = Database(own.mongo_url or "", service=service)
    try:
        now = NowDocuments[KnownProduct](database, SYSTEM.collections[service], VIEW)
        await now.prepare()
        products = drawn_products(count, seed)
        some: list[KnownProduct] = []
        while batch := list(islice(products, _BATCH)):
            await now.write([_recorded(each) for each in batch])
            some.append(batch[0])
        await now.pack()
        await now.set_mark(CAUGHT_UP, Mark(system_clock()))
    finally:
        await database.close()
    return sorted(some, key=lambda each: each.code)[len(some) // 2]


def _recorded(product: KnownProduct) -> Json:
    return {"recorded_at": system_clock(), "history": history_document(Version(product.code, 1, product))}


def drawn_products(count: int, seed: int) -> Iterator[KnownProduct]:
    """Yield products of drawn communes, most of them with a certificate, a third with a round."""
    draw = random.Random(seed)  # noqa: S311  # repeatable, not secret
    communes = sorted(COMMUNES.items())
    for number in range(1, count + 1):
        code, commune = draw.choice(communes)
        stars = draw.choice((0, 3, 3, 4, 4, 4, 5))
        held = _held(draw, number, stars)
        yield KnownProduct(
            code=f"{commune.province_code:02}-{code:05}-{number}-2026",
            producer_numbers=(f"01{number:08}",),
            product_set=draw.randint(1, 26),
            name=f"{draw.choice(_KINDS)} {commune.name.partition(' ')[2]}",
            producer_name=f"{draw.choice(_PRODUCERS)} {commune.name.partition(' ')[2]}",
            certificates=held,
            round=_round(draw, date(2026, 10, 1)) if draw.random() < 0.3 else None,
            dossiers=(f"dossier-{seed}-{number}",),
        )


def _held(draw: random.Random, number: int, stars: int) -> tuple[HeldCertificate, ...]:
    if not stars:
        return ()
    issued_on = date(2024, 1, 1) + timedelta(days=draw.randrange(900))
    certificate = Certificate(
        number=f"GCN-{number}",
        stars=stars,
        authority=Authority.CENTRE if stars == 5 else Authority.PROVINCE,
        decision=Letter(number=f"{number}/QĐ", date=issued_on),
        issued_on=issued_on,
        last_day=issued_on + timedelta(days=_CERTIFICATE_DAYS),
    )
    return (HeldCertificate(certificate=certificate),)


def _round(draw: random.Random, day: date) -> Round:
    stage = draw.choice([each for each in Stage if each is not Stage.CLOSED])
    kind = RegistrationKind.UPGRADE
    return Round(number=2, registration=kind, stage=stage, filed_on=day, received_on=day, submitted="submitted")
