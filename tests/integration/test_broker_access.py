"""The connection of the operators' commands, where the broker is away."""

import asyncio
import gc
import warnings

import pytest

from ops.broker_access import Access, AccessError, connected


async def try_to_connect() -> None:
    with pytest.raises(AccessError, match="does not answer"):
        async with connected(Access("amqp://operator:s3cret@127.0.0.1:1/"), name="a test"):
            pass


async def test_a_broker_that_is_away_leaves_no_connection_to_be_closed_later() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        await try_to_connect()
        await asyncio.to_thread(gc.collect)  # in a thread without a loop, as where the other checks are made

    assert [str(each.message) for each in warned if "never awaited" in str(each.message)] == []
