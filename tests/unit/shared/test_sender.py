"""Who filed a message, and how often it was tried: believed of those alone who may say so."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.messaging.delivery import attempt, filed_by, refiled_as, sender_of
from shared.system import SYSTEM


def message(user: str | None, *, exchange: str = "", **headers: Any) -> Any:
    named = {
        "attempt": "x-ocop-attempt",
        "original": "x-ocop-filed-by",
        "early": "x-ocop-early",
        "code": "x-ocop-refiled-as",
        "came_by": "x-first-death-exchange",
    }
    return SimpleNamespace(
        user_id=user, exchange=exchange, headers={named[name]: value for name, value in headers.items()}
    )


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        pytest.param(message("registry"), 1, id="fresh"),
        pytest.param(message("registry", attempt=2), 3, id="own copy"),
        pytest.param(message("registry", attempt=0), 1, id="own copy that was delayed, not tried"),
        pytest.param(message("integration.son-tay", attempt=3), 1, id="an integration's word"),
        pytest.param(message(None, attempt=3), 1, id="nobody's word"),
        pytest.param(message("evaluation", attempt=3), 1, id="another service's word"),
        pytest.param(message("operator", attempt=3), 1, id="brought back: from the beginning"),
        pytest.param(message("registry", attempt="3"), 1, id="no number"),
        pytest.param(message("registry", attempt=10**9), 1, id="no count"),
    ],
)
def test_only_the_queues_own_service_counts_attempts(sent: Any, number: int) -> None:
    assert attempt(sent, own_user="registry") == number


@pytest.mark.parametrize(
    ("sent", "who"),
    [
        pytest.param(message("integration.son-tay"), "integration.son-tay", id="filed"),
        pytest.param(message(None), None, id="not said"),
        pytest.param(message("integration.son-tay", original="x"), "integration.son-tay", id="an integration's word"),
        pytest.param(message(None, original="x"), None, id="nobody's word"),
        pytest.param(message("evaluation", original="x"), "evaluation", id="another service's word"),
        pytest.param(message("registry", original="integration.son-tay"), "integration.son-tay", id="own copy"),
        pytest.param(message("registry"), None, id="own copy of what nobody said"),
        pytest.param(message("operator", original="integration.son-tay"), "integration.son-tay", id="brought back"),
        pytest.param(message("operator", original=7), None, id="no text"),
        pytest.param(message("operator", exchange="ocop.replay"), None, id="brought back, of what nobody said"),
        pytest.param(message("operator", exchange="ocop.intake"), "operator", id="filed by an operator"),
        pytest.param(
            message("operator", exchange="ocop.journal", came_by="ocop.intake"), "operator", id="filed, in the journal"
        ),
        pytest.param(
            message("operator", exchange="ocop.journal", came_by="ocop.replay", original="integration.son-tay"),
            "integration.son-tay",
            id="brought back, in the journal",
        ),
        pytest.param(
            message("operator", exchange="ocop.intake", original="integration.son-tay"),
            "operator",
            id="filed by an operator in another's name",
        ),
    ],
)
def test_copies_say_who_filed_the_original(sent: Any, who: str | None) -> None:
    assert filed_by(sent, own_user="registry") == who


CODE = "01-09574-7-2026"


@pytest.mark.parametrize(
    ("sent", "believed"),
    [
        pytest.param(message("operator", exchange="ocop.replay", code=CODE), CODE, id="brought back"),
        pytest.param(message("registry", code=CODE), CODE, id="own copy of what was brought back"),
        pytest.param(message("operator", exchange="ocop.intake", code=CODE), None, id="filed by an operator"),
        pytest.param(message("integration.son-tay", code=CODE), None, id="an integration's word"),
        pytest.param(message("evaluation", code=CODE), None, id="another service's word"),
        pytest.param(message(None, code=CODE), None, id="nobody's word"),
        pytest.param(message("operator", exchange="ocop.replay", code=7), None, id="no text"),
    ],
)
def test_only_an_operator_who_brings_a_dossier_back_names_its_code(sent: Any, believed: str | None) -> None:
    assert refiled_as(sent, own_user="registry") == believed


@pytest.mark.parametrize(
    ("sent", "is_a_service"),
    [
        pytest.param(message("registry"), True, id="the registry's own event"),
        pytest.param(message("evaluation", attempt=1), True, id="another service's copy"),
        pytest.param(message("registry", attempt=1), False, id="the registry's own copy"),
        pytest.param(message("integration.son-tay"), False, id="an integration"),
        pytest.param(message("operator"), False, id="an operator"),
        pytest.param(message(None), False, id="nobody"),
    ],
)
def test_what_a_service_published_is_told_from_what_it_has_transfer(sent: Any, is_a_service: bool) -> None:
    assert sender_of(sent, own_user="registry", services=frozenset(SYSTEM.names)).is_a_service == is_a_service


@pytest.mark.parametrize(
    ("sent", "early"),
    [
        pytest.param(message("registry", attempt=0, early=2), 2, id="own copy"),
        pytest.param(message("registry", attempt=1), 0, id="own copy that was not early"),
        pytest.param(message("integration.son-tay", early=2), 0, id="an integration's word"),
        pytest.param(message("operator", early=2), 0, id="brought back: from the beginning"),
        pytest.param(message("registry", attempt=1, early="2"), 0, id="no number"),
    ],
)
def test_only_the_queues_own_service_counts_what_came_early(sent: Any, early: int) -> None:
    assert sender_of(sent, own_user="registry", services=frozenset(SYSTEM.names)).early == early
