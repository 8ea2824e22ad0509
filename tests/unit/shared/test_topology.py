"""The broker's definitions: what keeps messages safe is there for every queue."""

import pytest

from shared.messaging.topology import DEAD, JOURNAL, MAX_LENGTH, MAX_QUESTIONS, UNROUTED, inbox_of
from shared.system import SYSTEM


def test_what_a_queue_gives_up_goes_to_its_dead_letters_at_least_once() -> None:
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}

    for subscription in SYSTEM.subscriptions:
        policy = policies[subscription.queue]
        assert (policy["dead-letter-exchange"], policy["dead-letter-routing-key"]) == (DEAD, subscription.dead)
        assert (policy["dead-letter-strategy"], policy["overflow"]) == ("at-least-once", "reject-publish")
        assert policy["max-length"] == (MAX_QUESTIONS if subscription.event_type.is_question else MAX_LENGTH)


def test_delays_grow_and_lead_back() -> None:
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}

    for subscription in SYSTEM.subscriptions:
        delays = []
        for attempt in range(1, len(subscription.delays) + 1):
            retry = subscription.retry(attempt)
            assert retry is not None
            assert policies[retry]["dead-letter-routing-key"] == subscription.queue
            delays.append(int(policies[retry]["message-ttl"]))
        assert delays == sorted(set(delays))
        assert subscription.retry(len(delays) + 1) is None


def test_looking_at_what_people_read_never_uses_it_up() -> None:
    """RabbitMQ 4 drops a message after 20 deliveries where nothing else is said."""
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}

    for name in (UNROUTED, *SYSTEM.dead_letter_queues):
        assert int(policies[name]["delivery-limit"]) >= 1_000_000


def test_a_service_declares_its_own_queues_only() -> None:
    for service in ("registry", "evaluation", "notifications"):
        assert {queue.name.partition(".")[0] for queue in SYSTEM[service].queues} == {service}


def test_the_journal_does_not_hide_a_mistyped_routing_key() -> None:
    (journal,) = [queue for queue in SYSTEM.queues if queue.name == JOURNAL]

    assert all("*" not in key and "#" not in key for _, key in journal.bindings)


def test_a_question_expires_and_few_wait() -> None:
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}
    (question,) = [subscription for subscription in SYSTEM.subscriptions if subscription.event_type.is_question]

    assert policies[question.queue]["message-ttl"] == 300_000
    assert int(policies[question.queue]["max-length"]) <= 10_000
    assert int(policies[question.queue]["max-length-bytes"]) <= 64 * 1024**2


def test_no_dead_letter_is_dropped() -> None:
    """Not among questions either: one may be a dossier that was published under their key."""
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}

    for subscription in SYSTEM.subscriptions:
        assert policies[subscription.dead].keys() == {"delivery-limit"}


def test_questions_and_answers_stay_out_of_the_journal() -> None:
    (journal,) = [queue for queue in SYSTEM.queues if queue.name == JOURNAL]

    assert {key for _, key in journal.bindings} == {
        *("dossier.filed.v1", "dossier.rejected.v1", "product.submitted.v1", "product.rated.v1"),
        *("assessment.rejected.v1", "alert.delivered.v1", "alert.failed.v1"),
        *("producer.contact.v1", "contact.changed.v1", "filing.rejected.v1"),
    }


@pytest.mark.parametrize("user", [None, "", "admin", "integration.", "integration.a.b", "integration.a.events", "x.a"])
def test_only_a_connected_system_has_an_inbox(user: str | None) -> None:
    assert inbox_of(user) is None
    assert inbox_of("integration.son-tay") == "integration.son-tay.events"
