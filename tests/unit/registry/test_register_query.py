"""What the register has of a scope's products is asked for page by page, and answered to who asked alone."""

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.registry.app import APP
from services.registry.handlers import Registry
from services.registry.query_handlers import register_asked
from services.registry.register_query import CodeRange, ranges_of
from services.registry.registration import reserve
from services.registry.rounds import CertificateStatus
from shared.contracts.catalogue import QUERY_REJECTED, REGISTER_PAGE, REGISTER_QUERY
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.handling.history import Version
from shared.handling.outcome import Answered, DeadLetter, Decision
from shared.messaging.delivery import read_delivery
from shared.scopes import EVERYWHERE, Role, Scope
from shared.system import SYSTEM
from tests.unit.handling import Bench
from tests.unit.registry.products import a_round, held, product

SCOPES = """
country: {scope: {portal: everywhere}}
ha-noi: {scope: {province: "01"}}
son-tay: {scope: {commune: ["01-09574"]}}
two: {scope: {portal: ["25", "01-09574", "01"]}}
"""
SON_TAY = [f"01-09574-{serial}-2026" for serial in (1, 10, 2)]  # in the order of texts
BA_VI, PHU_THO = "01-09619-1-2026", "25-07918-1-2026"


@pytest.fixture
def bench(tmp_path: Any) -> Bench:
    file = tmp_path / "integrations.yaml"
    file.write_text(SCOPES)
    return Bench(integrations=file)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    """Return a registry with products of three communes."""
    registry = await Registry.prepared(bench.resources)
    for code in (*SON_TAY, BA_VI, PHU_THO):
        await keep(registry, code)
    return registry


async def keep(registry: Registry, code: str, version: int = 1, **changed: Any) -> None:
    """Put a version of a product on record; the first one registers it."""
    registered = {"registered": {"code": code, "keys": [code]}} if version == 1 else {}
    state = product(**{"code": code, "name": f"Bánh {code}", "sealed_recipient": "sealed", **changed})
    fields = {"event": {}, **registered}
    await registry.products.record(Decision(f"{code}/{version}", (), fields, version=Version(code, version, state)))


async def ask(bench: Bench, registry: Registry, user: str = "country", **data: Any) -> Event:
    """Ask, and return the answer."""
    event = Event("q", "/portals/test", REGISTER_QUERY.type, data, filed_by=f"integration.{user}")
    assert await register_asked(registry, event) == Answered()
    assert bench.publisher.keys[-1] == f"integration.{user}.events"
    return bench.publisher.announced[-1]


def codes(answer: Event) -> list[str]:
    assert answer.type == REGISTER_PAGE.type
    return [each["product_code"] for each in answer.data["products"]]


def faults(answer: Event) -> list[tuple[str, str]]:
    assert answer.type == QUERY_REJECTED.type
    return [(each["pointer"], each["code"]) for each in answer.data["faults"]]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("country", [*SON_TAY, BA_VI, PHU_THO]),
        ("ha-noi", [*SON_TAY, BA_VI]),
        ("son-tay", SON_TAY),
        ("two", [*SON_TAY, BA_VI, PHU_THO]),
    ],
)
async def test_who_asks_gets_the_products_of_its_places_each_once(
    bench: Bench, registry: Registry, user: str, expected: list[str]
) -> None:
    answer = await ask(bench, registry, user)

    assert (codes(answer), answer.data["next"]) == (expected, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
async def test_pages_go_on_where_the_last_one_ended(bench: Bench, registry: Registry, limit: int) -> None:
    found, after = list[str](), None
    for _ in range(10):
        answer = await ask(bench, registry, after=after, limit=limit)
        registry = await Registry.prepared(bench.resources)  # nothing of a question is kept
        assert len(codes(answer)) <= limit
        found += codes(answer)
        if (after := answer.data["next"]) is None:
            break

    assert found == [*SON_TAY, BA_VI, PHU_THO]


async def test_a_row_is_the_newest_version_whatever_is_so_of_the_documents_of_now(
    bench: Bench, registry: Registry
) -> None:
    former = held(3, status=CertificateStatus.SUPERSEDED)
    newest = held(4, issued_on=date(2026, 11, 1), last_day=date(2029, 11, 1))
    await keep(registry, BA_VI, 2, certificates=(former,))
    await keep(registry, BA_VI, 3, name="Chè Ba Vì", round=a_round(Stage.AT_PROVINCE), certificates=(former, newest))
    assert bench.database.derived("products").documents == []

    [row] = (await ask(bench, registry, after=SON_TAY[-1], limit=1)).data["products"]

    assert (row["product_code"], row["sequence"], row["name"], row["product_set"]) == (BA_VI, 3, "Chè Ba Vì", 6)
    assert (row["round"]["round"], row["round"]["stage"]) == (1, "at-province")
    kept = [(each["certificate"]["stars"], each["state"]) for each in row["certificates"]]
    assert kept == [(3, "superseded"), (4, "in-force")]


async def test_a_page_names_nobody(bench: Bench, registry: Registry) -> None:
    await keep(registry, BA_VI, 2, producer_name="Hộ bà Nguyễn Thị Lan", producer_numbers=("01y8001234",))

    told = json.dumps((await ask(bench, registry)).data, ensure_ascii=False)

    assert [each for each in ("Lan", "01y8001234", "sealed") if each in told] == []


async def test_a_code_that_is_kept_for_a_lost_dossier_is_passed_over(bench: Bench, registry: Registry) -> None:
    await registry.products.record(reserve(Event("lost", "/p", "t", {}), "01-09600-1-2026"))

    first = await ask(bench, registry, after=SON_TAY[-1], limit=1)
    second = await ask(bench, registry, after=first.data["next"], limit=1)

    assert (codes(first), codes(second)) == ([], [BA_VI])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"limit": 0}, [("/limit", "limit-out-of-range")]),
        ({"limit": 201}, [("/limit", "limit-out-of-range")]),
        ({"after": "01-09574"}, [("/after", "after-unreadable")]),
        ({"after": 3, "limit": "many"}, [("/after", "after-unreadable"), ("/limit", "limit-out-of-range")]),
    ],
)
async def test_a_question_that_cannot_be_answered_is_turned_back(
    bench: Bench, registry: Registry, data: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert faults(await ask(bench, registry, **data)) == expected


async def test_who_has_no_scope_learns_nothing_and_is_logged(bench: Bench, registry: Registry) -> None:
    with capture_logs() as logged:
        assert faults(await ask(bench, registry, "gone")) == [("", "out-of-scope")]

    assert [(line["action"], line["asked_by"], line["id"]) for line in logged] == [("refuse", "integration.gone", "q")]


async def test_a_question_from_nobody_is_a_dead_letter(bench: Bench, registry: Registry) -> None:
    outcome = await register_asked(registry, Event("q", "/p", REGISTER_QUERY.type, {}))

    assert isinstance(outcome, DeadLetter)
    assert (outcome.reason, bench.publisher.announced) == ("asker-unknown", [])


async def test_the_same_answer_has_the_same_id_and_another_one_another(bench: Bench, registry: Registry) -> None:
    first, again = await ask(bench, registry), await ask(bench, registry)
    await keep(registry, BA_VI, 2, name="Chè Ba Vì")
    changed = await ask(bench, registry)

    assert (first.id == again.id, first.id == changed.id) == (True, False)


async def test_what_is_no_question_is_kept_and_its_sender_is_answered(bench: Bench, registry: Registry) -> None:
    message: Any = SimpleNamespace(
        body=b"{",
        headers={"ce-id": "q-2", "ce-source": "/p"},
        user_id="integration.country",
        redelivered=False,
        exchange="ocop.intake",
        content_type="application/json",
        **dict.fromkeys(("content_encoding", "message_id", "timestamp")),
    )
    own = [SYSTEM["registry"].subscription(REGISTER_QUERY)]
    delivery = read_delivery(message, own, own_user="registry", system=SYSTEM)

    outcome = await APP.handlers[REGISTER_QUERY](registry, delivery)

    assert isinstance(outcome, DeadLetter)
    assert [event.data["query_id"] for event in bench.publisher.announced] == ["q-2"]
    assert faults(bench.publisher.announced[-1]) == [("", "unreadable-attribute-missing")]


@pytest.mark.parametrize("after", ["", "01-09574-1-2026", "09-99999-1-2026", "99-99999-1-2026"])
def test_the_ranges_of_the_whole_country_leave_no_code_out(after: str) -> None:
    ranges = list(ranges_of(Scope(Role.CENTRE, frozenset({EVERYWHERE})), after))

    assert ranges[0].above == max(after, ranges[0].above)
    assert (ranges[-1].below, [each.above for each in ranges[1:]]) == (":", [each.below for each in ranges[:-1]])


def test_a_commune_of_a_province_that_is_asked_for_is_looked_through_once() -> None:
    scope = Scope(Role.PORTAL, frozenset({"25", "01-09574", "01"}))

    assert list(ranges_of(scope, "01-2")) == [CodeRange("01-2", "01."), CodeRange("25-", "25.")]
