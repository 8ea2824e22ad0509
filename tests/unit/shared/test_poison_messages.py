"""Who came back often is handled alone, in an order that changes; all others at once."""

import asyncio
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from shared.contracts.catalogue import INTAKE
from shared.handling import poison_messages
from shared.handling.poison_messages import SUSPECT_AFTER, PoisonGuard, turn
from shared.messaging.delivery import Delivery, read_delivery
from shared.system import SYSTEM

BODIES = [f"dossier {n}".encode() for n in range(5)]


def delivery(body: bytes, *, failed: Any, redelivered: bool = True) -> Delivery:
    message: Any = SimpleNamespace(
        body=body,
        headers={"x-delivery-count": failed},
        redelivered=redelivered,
        exchange=INTAKE,
        **dict.fromkeys(("user_id", "content_type", "content_encoding", "message_id", "timestamp")),
    )
    own = SYSTEM["registry"].inboxes[0]
    return read_delivery(message, own, own_user="registry", system=SYSTEM)


async def most_at_once(monkeypatch: pytest.MonkeyPatch, deliveries: list[Delivery]) -> int:
    """Let messages pass, and return how many were in there together at most."""
    monkeypatch.setattr(poison_messages, "SPREAD_SECONDS", 0)
    passing, inside, most = PoisonGuard(), 0, 0

    async def handled(delivery: Delivery) -> None:
        nonlocal inside, most
        async with passing.passing(delivery):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*map(handled, deliveries))
    return most


async def test_the_suspected_pass_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await most_at_once(monkeypatch, [delivery(body, failed=SUSPECT_AFTER) for body in BODIES]) == 1


@pytest.mark.parametrize(
    "unsuspected",
    [
        pytest.param({"failed": SUSPECT_AFTER - 1}, id="failed less often"),
        pytest.param({"failed": None}, id="never failed"),
        pytest.param({"failed": 99, "redelivered": False}, id="an untrusted header"),
        pytest.param({"failed": "99"}, id="no number"),
    ],
)
async def test_all_others_pass_at_once(monkeypatch: pytest.MonkeyPatch, unsuspected: dict[str, Any]) -> None:
    assert await most_at_once(monkeypatch, [delivery(body, **unsuspected) for body in BODIES]) == len(BODIES)


def test_each_message_is_the_first_at_some_time() -> None:
    firsts = {min(BODIES, key=partial(_turn, failed)) for failed in range(100)}

    assert firsts == set(BODIES)


def _turn(failed: int, body: bytes) -> float:
    return turn(body, failed)
