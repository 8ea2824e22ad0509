"""Advice names commands as they are typed where the operator's command runs."""

from pathlib import Path

import pytest

from ops.doctor.broker import check_queues
from ops.queues.state import QueueKind, QueueState
from ops.typed import as_typed, on_the_broker, reading_log, removing, reviving, starting
from shared.clock import system_clock


@pytest.fixture
def in_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_RUN_WITH", "compose")


@pytest.mark.usefixtures("in_compose")
@pytest.mark.parametrize(
    ("advice", "typed"),
    [
        ("ocop access apply brings it back", "docker compose run --rm --no-deps access brings it back"),
        ("ocop access issue makes them", "docker compose run --rm --no-deps passwords makes them"),
        ("see ocop access add", "see docker compose run --rm access-add"),
        ("ocop dead list --queue ocop.unrouted", "docker compose run --rm ocop dead list --queue ocop.unrouted"),
        ("use the ocop that belongs to the services", "use the ocop that belongs to the services"),
        ("the ocop command; docs/operations.md#ocopbrokerdown", "the ocop command; docs/operations.md#ocopbrokerdown"),
        ("ocop: the broker is away", "ocop: the broker is away"),
    ],
)
def test_beside_compose_a_command_can_be_pasted(advice: str, typed: str) -> None:
    assert as_typed(advice) == typed
    assert as_typed(typed) == typed, "what is typed so already stays"


def test_elsewhere_it_is_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCOP_RUN_WITH", raising=False)

    assert as_typed("ocop access apply brings it back") == "ocop access apply brings it back"
    assert starting(["registry", "evaluation"]) == "start evaluation, registry"
    assert reviving("mongo", otherwise="is it running?") == "is it running?"


@pytest.mark.usefixtures("in_compose")
def test_beside_compose_what_has_ended_is_started_by_a_command() -> None:
    assert starting(["registry", "evaluation"]) == "docker compose start evaluation registry"
    assert reading_log("mongo") == "docker compose logs --tail 50 mongo"
    assert reviving("mongo", otherwise="is it running?") == (
        "docker compose start mongo; docker compose logs --tail 50 mongo"
    )
    assert removing(Path("/secrets/a")) == "docker compose run --rm --no-deps passwords rm -r /secrets/a"
    assert on_the_broker("rabbitmqctl list_queues") == "docker compose exec rabbitmq rabbitmqctl list_queues"


@pytest.mark.usefixtures("in_compose")
def test_the_doctor_says_how_to_start_a_service_that_nobody_hears() -> None:
    idle = QueueState("registry.life", QueueKind.WORK, 3, 0)

    (consumers, *_) = check_queues([idle], system_clock())

    assert consumers.advice == "docker compose start registry, or docker compose logs --tail 50 registry"


@pytest.mark.usefixtures("in_compose")
def test_what_is_unusual_about_a_queue_says_what_to_type() -> None:
    missing = QueueState("registry.life", QueueKind.WORK, None, 0)

    assert missing.unusual == "not there: docker compose run --rm --no-deps access"
