"""How a delivery is settled, as a table: what the handler made of it, at which attempt, and what is done."""

from datetime import UTC, datetime

import pytest

from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event
from shared.handling.outcome import Answered, DeadLetter, Outcome, Retry
from shared.handling.settlement import (
    MAX_DETAIL,
    Settlement,
    TakeLastResort,
    Transfer,
    diagnosis,
    settlement,
)
from shared.messaging.delivery import Delivery, Sender
from shared.messaging.topology import DEAD, RETRY, Subscription

SUBSCRIPTION = Subscription("registry", DOSSIER_FILED, delays=("5s", "1m"), inbox="life", early=("1s", "30s"))
QUEUE = "registry.life"
NOW = datetime(2026, 11, 28, 13, 33, tzinfo=UTC)


async def give_up() -> Outcome:
    return Answered()


@pytest.mark.parametrize(
    ("outcome", "attempt", "settled"),
    [
        pytest.param(
            DeadLetter("not-json", "line 1"),
            1,
            Transfer(DEAD, f"{QUEUE}.dead", "not-json", "line 1", 1),
            id="never to be handled",
        ),
        pytest.param(
            Retry("error", "KeyError"),
            1,
            Transfer(RETRY, f"{QUEUE}.5s", "error", "KeyError", 1),
            id="first retry",
        ),
        pytest.param(
            Retry("error", "KeyError"), 2, Transfer(RETRY, f"{QUEUE}.1m", "error", "KeyError", 2), id="last retry"
        ),
        pytest.param(
            Retry("error", "KeyError"), 3, Transfer(DEAD, f"{QUEUE}.dead", "error", "KeyError", 3), id="used up"
        ),
        pytest.param(
            Retry("email-unavailable", "451", give_up),
            2,
            Transfer(RETRY, f"{QUEUE}.1m", "email-unavailable", "451", 2),
            id="no last resort before the last attempt",
        ),
        pytest.param(Retry("email-unavailable", "451", give_up), 3, TakeLastResort(give_up), id="last resort"),
    ],
)
def test_a_delivery_that_has_no_answer_is_settled(
    outcome: DeadLetter | Retry, attempt: int, settled: Settlement
) -> None:
    assert settlement(outcome, SUBSCRIPTION, attempt=attempt) == settled


@pytest.mark.parametrize(
    ("early", "attempt", "settled"),
    [
        pytest.param(0, 1, Transfer(RETRY, f"{QUEUE}.1s", "too-early", "no product", 0, 1), id="first"),
        pytest.param(1, 1, Transfer(RETRY, f"{QUEUE}.30s", "too-early", "no product", 0, 2), id="second"),
        pytest.param(1, 2, Transfer(RETRY, f"{QUEUE}.30s", "too-early", "no product", 1, 2), id="after a bug"),
        pytest.param(2, 1, TakeLastResort(give_up), id="it is answered as it stands"),
    ],
)
def test_what_came_too_early_waits_a_little_and_is_no_attempt(early: int, attempt: int, settled: Settlement) -> None:
    outcome = Retry("too-early", "no product", give_up, early=True)

    assert settlement(outcome, SUBSCRIPTION, attempt=attempt, early=early) == settled


@pytest.mark.parametrize(("early", "waits"), [(0, True), (1, False)])
def test_what_is_there_after_the_first_delay_waits_for_no_other(early: int, waits: bool) -> None:
    outcome = Retry("too-early", "a rejection", give_up, early=True, delays=1)

    settled = settlement(outcome, SUBSCRIPTION, attempt=1, early=early)

    assert isinstance(settled, Transfer if waits else TakeLastResort)


def test_a_bug_does_not_forget_how_often_a_message_came_too_early() -> None:
    settled = settlement(Retry("error", "KeyError"), SUBSCRIPTION, attempt=1, early=2)

    assert isinstance(settled, Transfer)
    assert diagnosis(settled, delivery(None), QUEUE, NOW)["x-ocop-early"] == 2


def test_a_copy_says_what_happened_and_who_sent_the_original() -> None:
    kept = Transfer(RETRY, f"{QUEUE}.5s", "error", "x" * 1000, 2)

    assert diagnosis(kept, delivery("integration.son-tay"), QUEUE, NOW) == {
        "x-ocop-reason": "error",
        "x-ocop-detail": "x" * MAX_DETAIL,
        "x-ocop-failed-at": "2026-11-28T13:33:00+00:00",
        "x-ocop-attempt": 2,
        "x-ocop-queue": QUEUE,
        "x-ocop-filed-by": "integration.son-tay",
    }


def test_a_copy_of_what_nobody_signed_names_nobody() -> None:
    kept = Transfer(DEAD, f"{QUEUE}.dead", "error", "KeyError", 3)

    assert "x-ocop-filed-by" not in diagnosis(kept, delivery(None), QUEUE, NOW)


def delivery(user: str | None) -> Delivery:
    return Delivery(
        event_type=DOSSIER_FILED,
        content=Event(id="1", source="/portals/son-tay", type=DOSSIER_FILED.type, data={}),
        named=("/portals/son-tay", "1"),
        correlation_id=None,
        traceparent=None,
        body=b"{}",
        sender=Sender(user, attempt=1, is_copy=False, is_a_service=False),
        unanswered=0,
        sent_at=None,
    )
