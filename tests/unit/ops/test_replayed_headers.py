"""Which headers a dead letter has that an operator brings back: of a code only what an operator has said before."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.dead_letters.replay import replayed_headers

QUEUE = "registry.life.dead"


def dead(user: str, **headers: object) -> Any:
    return SimpleNamespace(
        user_id=user, exchange="ocop.dead", headers={"x-ocop-refiled-as": "01-09574-7-2026", **headers}
    )


def test_a_dossier_that_was_brought_back_before_keeps_its_code() -> None:
    headers = replayed_headers(dead("registry", **{"x-ocop-filed-by": "integration.a", "x-ocop-attempt": 4}), QUEUE)

    assert headers == {"x-ocop-refiled-as": "01-09574-7-2026", "x-ocop-filed-by": "integration.a"}


@pytest.mark.parametrize("user", ["integration.a", "evaluation"])
def test_a_code_that_a_stranger_has_written_is_left_out(user: str) -> None:
    """The broker itself made a dead letter of it, so that no service has looked at its headers."""
    assert replayed_headers(dead(user), QUEUE) == {"x-ocop-filed-by": user}
