"""An operator, and a queue without dead letters."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.dead_letters.personal import QUIET
from tests.integration.operator import (
    Operator,
    operator_of,
)
from tests.integration.portal import Portal
from tools.stack import LocalStack


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    return operator_of(stack)


@pytest.fixture
async def quiet(portal: Portal) -> AsyncIterator[Portal]:
    """A portal beside a queue without dead letters."""
    await portal.empty(f"{QUIET}.dead")
    yield portal
    await portal.empty(f"{QUIET}.dead")
