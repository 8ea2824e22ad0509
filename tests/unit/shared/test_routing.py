"""Where an announced event goes."""

from typing import Any

import pytest

from shared.contracts.catalogue import (
    DOSSIER_EXAMINED,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    PRODUCT_STATE,
    TRIAL_RESULT,
    EventType,
)
from shared.contracts.event import Event
from shared.messaging.routing import binding_key, inbox_of, is_key_of, routing_key, to_who_filed

PORTAL = "integration.son-tay"


def event(kind: EventType[Any], *, place: str | None = None, filed_by: str | None = PORTAL) -> Event:
    return Event(id="e-1", source="/ocop/registry", type=kind.type, data={}, place=place, filed_by=filed_by)


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("01-09574", "dossier.rejected.v1.01.09574"),
        ("01", "dossier.rejected.v1.01.-"),
        (None, "dossier.rejected.v1.-.-"),
    ],
)
def test_the_key_of_an_event_ends_with_its_place_as_far_as_that_is_known(place: str | None, key: str) -> None:
    assert routing_key(event(DOSSIER_REJECTED, place=place)) == key


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("01-09574", "product.rated.v1.01.09574"),
        ("01", "product.rated.v1.01.*"),
        (None, "product.rated.v1.*.*"),
    ],
)
def test_a_queue_is_bound_to_a_place_and_all_that_lies_in_it(place: str | None, key: str) -> None:
    assert binding_key(PRODUCT_RATED, place) == key


def test_what_is_filed_has_the_key_of_its_kind() -> None:
    assert routing_key(event(DOSSIER_FILED, place="01-09574")) == "dossier.filed.v1"


def test_the_answer_to_a_question_goes_to_the_queue_of_who_asked() -> None:
    assert routing_key(event(PRODUCT_STATE)) == f"{PORTAL}.events"
    with pytest.raises(ValueError, match="nobody"):
        routing_key(event(PRODUCT_STATE, filed_by="operator"))


def test_what_came_of_a_trial_goes_to_who_tried_it_under_a_key_of_its_own() -> None:
    assert routing_key(event(TRIAL_RESULT)) == f"to.{PORTAL}"
    assert routing_key(event(DOSSIER_EXAMINED)) == "dossier.examined.v1"
    assert to_who_filed(event(DOSSIER_EXAMINED)) == {}
    with pytest.raises(ValueError, match="nobody"):
        routing_key(event(TRIAL_RESULT, filed_by=None))


def test_who_filed_gets_the_answer_beside_its_place() -> None:
    assert to_who_filed(event(PRODUCT_RATED)) == {"BCC": [f"to.{PORTAL}"]}


@pytest.mark.parametrize("kind", [DOSSIER_FILED, PRODUCT_QUERY, PRODUCT_STATE])
def test_only_what_is_announced_goes_beside(kind: EventType[Any]) -> None:
    assert to_who_filed(event(kind)) == {}


@pytest.mark.parametrize("user", [None, "operator", "integration.a.b", "integration.#"])
def test_nobody_but_an_integration_has_a_key_of_its_own(user: str | None) -> None:
    assert to_who_filed(event(PRODUCT_RATED, filed_by=user)) == {}


@pytest.mark.parametrize("user", [None, "", "admin", "integration.", "integration.a.b", "integration.a.events", "x.a"])
def test_only_a_connected_system_has_an_inbox(user: str | None) -> None:
    assert inbox_of(user) is None
    assert inbox_of(PORTAL) == f"{PORTAL}.events"


@pytest.mark.parametrize("key", ["product.rated.v1", "product.rated.v1.01.09574", "product.rated.v1.-.-"])
def test_a_queue_that_is_bound_to_a_kind_gets_it_from_everywhere(key: str) -> None:
    assert is_key_of(PRODUCT_RATED, key)


@pytest.mark.parametrize("key", ["product.rated.v10", "product.rated.v2.01.09574", "product.submitted.v1.01.09574"])
def test_a_queue_that_is_bound_to_a_kind_gets_no_other(key: str) -> None:
    assert not is_key_of(PRODUCT_RATED, key)
