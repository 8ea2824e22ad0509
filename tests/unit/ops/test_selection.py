"""Which dead letters are meant, and where they go."""

from datetime import UTC, datetime

import pytest

from ops.dead_letters.message import DeadMessage, read_dead_message
from ops.dead_letters.replay import destinations, suggestion
from ops.dead_letters.selection import Selection, dead_queue_of
from tests.unit.ops.deliveries import delivery

SIX = datetime(2026, 11, 24, 6, tzinfo=UTC)
SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)


def failed(at: datetime | None = SIX, *, reason: str = "error", id: str = "a") -> DeadMessage:
    headers = {"x-ocop-reason": reason, "x-ocop-failed-at": at.isoformat() if at else "?"}
    message = delivery(headers=headers, message_id=id, content_type="application/json")
    return read_dead_message(message, queue="registry.life.dead", position=1)


def unrouted(exchange: str, routing_key: str) -> DeadMessage:
    return read_dead_message(delivery(exchange=exchange, routing_key=routing_key), queue="ocop.unrouted", position=1)


@pytest.mark.parametrize(
    ("selection", "included"),
    [
        pytest.param(Selection(), True, id="nothing asked"),
        pytest.param(Selection(ids=frozenset({"a", "b"})), True, id="its id among others"),
        pytest.param(Selection(ids=frozenset({"b"})), False, id="another id"),
        pytest.param(Selection(queue="registry.life.dead"), True, id="its queue"),
        pytest.param(Selection(queue="ocop.unrouted"), False, id="another queue"),
        pytest.param(Selection(reason="error"), True, id="its reason"),
        pytest.param(Selection(reason="not-json"), False, id="another reason"),
        pytest.param(Selection(since=SIX), True, id="from its time on"),
        pytest.param(Selection(since=SEVEN), False, id="later"),
        pytest.param(Selection(until=SIX), False, id="before its time"),
        pytest.param(Selection(since=SIX, until=SEVEN, reason="error"), True, id="all together"),
        pytest.param(Selection(since=SIX, until=SEVEN, reason="not-json"), False, id="all but one"),
    ],
)
def test_a_dead_letter_is_selected_by_all_that_is_asked(selection: Selection, included: bool) -> None:
    assert selection.includes(failed()) is included


def test_a_dead_letter_without_a_time_is_not_selected_by_time() -> None:
    assert not Selection(since=SIX).includes(failed(None))
    assert not Selection(until=SEVEN).includes(failed(None))
    assert Selection().includes(failed(None))


def test_an_id_is_found_as_the_list_shows_it() -> None:
    letter = failed(id="0912345678")

    assert letter.id == "[phone]"
    assert Selection(ids=frozenset({"0912345678"})).includes(letter)
    assert Selection(ids=frozenset({"[phone]"})).includes(letter)


def test_a_queue_is_meant_by_its_name_or_that_of_the_services_queue() -> None:
    assert dead_queue_of("registry.life") == "registry.life.dead"
    assert dead_queue_of("registry.life.dead") == "registry.life.dead"
    assert dead_queue_of("ocop.unrouted") == "ocop.unrouted"


def test_a_mistyped_queue_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"did you mean registry\.life\.dead\?"):
        dead_queue_of("registry.lief")


def test_a_dead_letter_goes_back_to_its_queue_whatever_else_is_said() -> None:
    assert destinations(failed(), to=None) == ("registry.life",)
    assert destinations(failed(), to="evaluation.product-submitted") == ("registry.life",)


@pytest.mark.parametrize("key", ["assessment.rejected.v1.01.09574", "assessment.rejected.v1"])
def test_an_unrouted_message_goes_to_all_that_are_bound_to_its_kind_by_now(key: str) -> None:
    assert destinations(unrouted("ocop.events", key), to=None) == (
        "registry.life",
        "notifications.assessment-rejected",
    )


def test_an_unrouted_message_that_still_nobody_wants_needs_to_be_told_where() -> None:
    letter = unrouted("ocop.intake", "dossier.file.v1")

    assert destinations(letter, to=None) == ()
    assert destinations(letter, to="registry.life") == (
        "registry.journal",
        "registry.life",
    )
    assert destinations(letter, to="evaluation.product-query") == ("evaluation.journal", "evaluation.product-query")


@pytest.mark.parametrize(
    ("exchange", "routing_key", "queue"),
    [
        pytest.param("ocop.intake", "dossier.file.v1", "registry.life", id="a letter is missing"),
        pytest.param("ocop.events", "product.submited.v1", "evaluation.product-submitted", id="one of two"),
        pytest.param("ocop.events", "produkt.rated.v1.01.09574", "notifications.product-rated", id="with its place"),
        pytest.param("ocop.events", "xyz", None, id="nothing like it"),
        pytest.param("ocop.intake", "dossier.filed.v1", None, id="bound by now"),
    ],
)
def test_the_queue_with_the_nearest_key_is_suggested(exchange: str, routing_key: str, queue: str | None) -> None:
    assert suggestion(unrouted(exchange, routing_key)) == queue
