"""Who filed a message, and how often it was tried: told by those alone who may say so."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.messaging.sender import attempt, came_by_detour, filed_by, refiled_as
from shared.system import SYSTEM


def message(user: str | None, *, exchange: str = "", **headers: Any) -> Any:
    named = {"attempt": "x-ocop-attempt", "original": "x-ocop-filed-by", "code": "x-ocop-refiled-as"}
    return SimpleNamespace(
        user_id=user, exchange=exchange, headers={named[name]: value for name, value in headers.items()}
    )


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        pytest.param(message("registry"), 1, id="fresh"),
        pytest.param(message("registry", attempt=2), 3, id="own copy"),
        pytest.param(message("registry", attempt=0), 1, id="own copy that was put away, not tried"),
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
    ("sent", "exchange", "is_detour"),
    [
        pytest.param(message("registry"), "ocop.intake", True, id="the registry's own event"),
        pytest.param(message("evaluation", attempt=1), "ocop.intake", True, id="another service's copy"),
        pytest.param(message("registry", attempt=1), "ocop.intake", False, id="the registry's own copy"),
        pytest.param(message("integration.son-tay"), "ocop.intake", False, id="an integration"),
        pytest.param(message("operator"), "ocop.intake", False, id="an operator"),
        pytest.param(message(None), "ocop.intake", False, id="nobody"),
        pytest.param(message("registry"), "ocop.events", False, id="where services write"),
    ],
)
def test_what_a_service_published_has_no_business_on_the_intake(sent: Any, exchange: str, is_detour: bool) -> None:
    assert came_by_detour(sent, exchange, own_user="registry", services=frozenset(SYSTEM.names)) == is_detour
