"""The broker's definitions: what keeps messages safe is there for every queue."""

import re

from shared.contracts.catalogue import CATALOGUE, EVENTS, INTAKE
from shared.messaging.topology import (
    DEAD,
    JOURNAL,
    JOURNAL_FEED,
    MAX_LENGTH,
    MAX_QUESTIONS,
    REPLAY,
    RETRY,
    UNROUTED,
    Queue,
)
from shared.system import SYSTEM


def queue_named(name: str) -> Queue:
    (queue,) = [queue for queue in SYSTEM.queues if queue.name == name]
    return queue


def feeds() -> list[Queue]:
    """Return the queues by which the journal is filled."""
    return [queue_named(JOURNAL_FEED), *SYSTEM.journal_feeds.values()]


def journaled_keys(feed: Queue) -> set[str]:
    return {key for exchange, key in feed.bindings if exchange in {INTAKE, EVENTS}}


def test_what_a_queue_gives_up_goes_to_its_dead_letters_at_least_once() -> None:
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}

    for subscription in SYSTEM.subscriptions:
        policy = policies[subscription.queue]
        assert (policy["dead-letter-exchange"], policy["dead-letter-routing-key"]) == (DEAD, subscription.dead)
        assert (policy["dead-letter-strategy"], policy["overflow"]) == ("at-least-once", "reject-publish")
        asked = subscription.event_type.is_question and subscription.event_type.exchange == INTAKE
        assert policy["max-length"] == (MAX_QUESTIONS if asked else MAX_LENGTH)


def routed(exchange: str, key: str) -> list[Queue]:
    """Return the queues to which a topic exchange routes a key."""
    return [
        queue
        for queue in SYSTEM.queues
        if any(
            source == exchange and re.fullmatch(bound.replace(".", r"\.").replace("*", r"[^.]+"), key)
            for source, bound in queue.bindings
        )
    ]


def test_delays_grow_and_lead_back_to_the_queue_from_which_the_message_came() -> None:
    for subscription in SYSTEM.subscriptions:
        milliseconds = []
        for attempt in range(1, len(subscription.delays) + 1):
            key = subscription.retry(attempt)
            assert key is not None
            (delay,) = routed(RETRY, key)
            assert delay.policy["dead-letter-exchange"] == REPLAY
            assert "dead-letter-routing-key" not in delay.policy  # the message keeps its own
            assert (delay.policy["dead-letter-strategy"], delay.policy["overflow"]) == (
                "at-least-once",
                "reject-publish",
            )
            assert delay.policy["max-length"] == MAX_LENGTH
            assert [queue.name for queue in routed(REPLAY, key)] == [subscription.queue]
            milliseconds.append(int(delay.policy["message-ttl"]))
        assert milliseconds == sorted(set(milliseconds))
        assert subscription.retry(len(milliseconds) + 1) is None


def test_what_came_early_waits_in_the_delays_of_its_service_too() -> None:
    early = [each for each in SYSTEM.subscriptions if each.early]

    for subscription in early:
        keys = [subscription.retry_early(time) or "" for time in range(1, len(subscription.early) + 1)]
        assert [queue.name for key in keys for queue in routed(RETRY, key)] == [
            f"{subscription.service}.retry.{delay}" for delay in subscription.early
        ]
    assert early


def test_the_subscriptions_of_a_service_share_its_delays() -> None:
    delays = [queue.name for queue in SYSTEM["notifications"].queues if ".retry." in queue.name]

    assert len(SYSTEM["notifications"].subscriptions) > 1
    assert delays == [f"notifications.retry.{delay}" for delay in ("5s", "1m", "10m", "1h")]


def test_looking_at_what_people_read_never_uses_it_up() -> None:
    """RabbitMQ 4 drops a message after 20 deliveries where nothing else is said."""
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}

    for name in (UNROUTED, *SYSTEM.dead_letter_queues):
        assert int(policies[name]["delivery-limit"]) >= 1_000_000


def test_a_service_declares_its_own_queues_only() -> None:
    for service in ("registry", "evaluation", "notifications"):
        assert {queue.name.partition(".")[0] for queue in SYSTEM[service].queues} == {service}


def test_the_journal_does_not_hide_a_mistyped_routing_key() -> None:
    without_place = [key.removesuffix(".*.*") for feed in feeds() for key in journaled_keys(feed)]
    assert all("*" not in key and "#" not in key for key in without_place)


def test_what_services_announce_leaves_its_feed_at_once_and_only_for_the_journal() -> None:
    feed = queue_named(JOURNAL_FEED)

    assert queue_named(JOURNAL).bindings == ((JOURNAL, ""),)
    assert (feed.policy["message-ttl"], feed.policy["dead-letter-exchange"]) == (0, JOURNAL)
    assert (feed.policy["dead-letter-strategy"], feed.policy["overflow"]) == ("at-least-once", "reject-publish")
    assert "dead-letter-routing-key" not in feed.policy  # the journal keeps the key of the event


def test_what_integrations_write_goes_to_the_journal_only_once_it_was_looked_at() -> None:
    """Before RabbitMQ 4 a header that a stream cannot hold ends all dead-lettering of the node, retries too."""
    assert {exchange for exchange, _ in queue_named(JOURNAL_FEED).bindings} == {EVENTS}
    for feed in SYSTEM.journal_feeds.values():
        assert "message-ttl" not in feed.policy
        assert "x-dead-letter-routing-key" not in feed.arguments


def test_nothing_that_is_rejected_towards_the_journal_depends_on_a_policy() -> None:
    for feed in SYSTEM.journal_feeds.values():
        assert feed.arguments["x-dead-letter-exchange"] == JOURNAL
        assert feed.arguments["x-dead-letter-strategy"] == "at-least-once"
        assert feed.arguments["x-overflow"] == "reject-publish"
        assert int(feed.policy["delivery-limit"]) >= 1_000_000  # what was not looked at must not go there


def test_a_service_declares_no_queue_of_the_journal_s() -> None:
    """Declared by it, one would be there before the definitions bring the exchange behind it."""
    declared = {queue.name for service in SYSTEM.services for queue in service.queues}

    assert declared.isdisjoint(feed.name for feed in feeds())


def test_a_question_expires_and_few_wait() -> None:
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}
    questions = [each for each in SYSTEM.subscriptions if each.event_type.is_question]
    of_strangers = [each.queue for each in questions if each.event_type.exchange == INTAKE]

    assert of_strangers == ["registry.dossier-tried", "registry.register-query", "evaluation.product-query"]
    assert {policies[each.queue]["message-ttl"] for each in questions} == {300_000}
    assert all(int(policies[queue]["max-length"]) <= 10_000 for queue in of_strangers)
    assert all(int(policies[queue]["max-length-bytes"]) <= 64 * 1024**2 for queue in of_strangers)


def test_no_dead_letter_is_dropped() -> None:
    """Not among questions either: one may be a dossier that was published under their key."""
    policies = {queue.name: queue.policy for queue in SYSTEM.queues}

    for subscription in SYSTEM.subscriptions:
        assert policies[subscription.dead].keys() == {"delivery-limit"}


def test_questions_and_answers_stay_out_of_the_journal() -> None:
    kept = {key.removesuffix(".*.*") for key in set[str]().union(*map(journaled_keys, feeds()))}
    assert {each.routing_key for each in CATALOGUE} - kept == {
        *("product.query.v1", "product.state.v1", "query.rejected.v1", "register.query.v1", "register.page.v1"),
        *("dossier.tried.v1", "dossier.examined.v1", "trial.result.v1"),
    }
    assert kept <= {each.routing_key for each in CATALOGUE}
