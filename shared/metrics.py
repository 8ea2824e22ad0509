"""What a service counts and measures, for Prometheus: read at `/metrics`, explained in docs/observability.md.

Few labels, each with few values known beforehand; no ids and nobody's data. A process is one service: which one is
Prometheus' to say, by its job.
"""

from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import TypeVar

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

Item = TypeVar("Item")
Result = TypeVar("Result")

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, which nobody reads

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_AGES = (1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200)

MESSAGES = Counter(
    "ocop_messages", "Messages by the event they are, what became of them, and why", ["type", "outcome", "reason"]
)
MESSAGE_SECONDS = Histogram("ocop_message_seconds", "From delivery to settlement", ["type"], buckets=_SECONDS)
MESSAGE_AGE_SECONDS = Histogram(
    "ocop_message_age_seconds", "From its publication until a message is taken in flight", ["type"], buckets=_AGES
)
IN_FLIGHT = Gauge("ocop_messages_in_flight", "Messages taken and not settled yet")
HELD = Gauge("ocop_messages_held", "Messages in flight that wait for the end of an outage")
PUBLISH_SECONDS = Histogram(
    "ocop_publish_confirm_seconds", "Until the broker has confirmed what was published", buckets=_SECONDS
)
BATCH_SIZE = Histogram(
    "ocop_database_batch_size", "Calls that travelled together to the database", ["operation"], buckets=_SIZES
)
DATABASE_SECONDS = Histogram(
    "ocop_database_seconds", "Until the database has answered", ["operation"], buckets=_SECONDS
)
READY = Gauge("ocop_ready", "1 while the service can do its work, 0 while it waits for something")
LAST_HANDLED = Gauge("ocop_last_handled_timestamp_seconds", "When a message was last settled, 0 since the start")


def exposition() -> bytes:
    """Return everything as Prometheus reads it."""
    return generate_latest(REGISTRY)


def measured(
    operation: str, send: Callable[[Sequence[Item]], Awaitable[Result]]
) -> Callable[[Sequence[Item]], Awaitable[Result]]:
    """Measure every batch that `send` sends to the database: how large it was, and how long the answer took."""
    size, seconds = BATCH_SIZE.labels(operation), DATABASE_SECONDS.labels(operation)

    async def sent(items: Sequence[Item]) -> Result:
        size.observe(len(items))
        started = perf_counter()
        try:
            return await send(items)
        finally:
            seconds.observe(perf_counter() - started)

    return sent
