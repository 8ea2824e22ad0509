"""Place and who filed, of an event as it was read: believed of services alone."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED, EventType
from shared.contracts.event import Event
from shared.messaging.delivery import read_delivery
from shared.system import SYSTEM

SAID = {"ce-place": "01-09574", "ce-filedby": "integration.ha-noi"}
BELIEVED = ("01-09574", "integration.ha-noi")


def believed(service: str, kind: EventType[Any], *, user: str | None, **headers: Any) -> tuple[str | None, str | None]:
    naming = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/x", "ce-type": kind.type}
    message: Any = SimpleNamespace(
        body=b"{}",
        headers=naming | SAID | {f"x-ocop-{name}": value for name, value in headers.items()},
        user_id=user,
        redelivered=False,
        exchange=kind.exchange,
        content_type="application/json",
        **dict.fromkeys(("content_encoding", "message_id", "timestamp")),
    )
    content = read_delivery(message, SYSTEM[service].inboxes[0], own_user=service, system=SYSTEM).content
    assert isinstance(content, Event)
    return content.place, content.filed_by


@pytest.mark.parametrize(
    ("user", "copy"),
    [
        pytest.param("registry", {}, id="announced"),
        pytest.param("evaluation", {"filed-by": "registry", "attempt": 1}, id="back from a delay"),
        pytest.param("operator", {"filed-by": "registry"}, id="brought back"),
    ],
)
def test_what_a_service_says_of_its_event_is_believed(user: str, copy: dict[str, Any]) -> None:
    assert believed("evaluation", PRODUCT_SUBMITTED, user=user, **copy) == BELIEVED


@pytest.mark.parametrize(
    ("user", "filed_by", "copy"),
    [
        pytest.param("integration.phu-tho", "integration.phu-tho", {}, id="an integration's word"),
        pytest.param("integration.phu-tho", "integration.phu-tho", {"filed-by": "registry"}, id="as if it were a copy"),
        pytest.param(None, None, {}, id="nobody's word"),
        pytest.param("operator", "operator", {}, id="an operator's word"),
        pytest.param(
            "registry", "integration.phu-tho", {"filed-by": "integration.phu-tho", "attempt": 1}, id="delayed"
        ),
    ],
)
def test_what_is_filed_is_filed_by_who_the_broker_knows(
    user: str | None, filed_by: str | None, copy: dict[str, Any]
) -> None:
    assert believed("registry", DOSSIER_FILED, user=user, **copy) == (None, filed_by)
