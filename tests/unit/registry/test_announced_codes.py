"""Which codes of the journal a register has to have, and what is said of those that it lacks."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.registry.announced_codes import fault_of, new_code
from services.registry.handlers import Registry, dossier_filed
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED
from shared.contracts.event import Event
from shared.contracts.writing import write
from tests.unit.handling import Bench
from tests.unit.registry.dossiers import changed
from tests.unit.registry.products import recognise


def code(serial: int) -> str:
    return f"01-09574-{serial}-2026"


def test_a_register_that_has_what_was_announced_is_as_new_as_the_journal() -> None:
    assert fault_of([code(1), code(2)], {code(1), code(2), code(3)}) is None
    assert fault_of([], ()) is None


def test_what_the_register_lacks_is_named_with_what_to_do() -> None:
    fault = fault_of([code(10), code(2), code(1)], {code(1)})

    assert fault is not None
    assert f"the register lacks {code(2)}, {code(10)}, which" in fault
    assert "ocop refile" in fault


def test_of_many_codes_some_are_named() -> None:
    fault = fault_of(map(code, range(1, 2008)), ())

    assert fault is not None
    assert f"{code(5)} and 2,002 more, which" in fault


async def submitted(bench: Bench, changes: dict[str, object] | None = None) -> Event:
    registry = await Registry.prepared(bench.resources)
    await dossier_filed(
        registry, Event(id=str(changes), source="/x", type=DOSSIER_FILED.type, data=changed(changes or {}))
    )
    return bench.publisher.announced[-1]


def journaled(event: Event, *, user: str | None = "registry", key: str = PRODUCT_SUBMITTED.routing_key) -> Any:
    message = write(event)
    return SimpleNamespace(
        body=message.body,
        headers=dict(message.headers),
        content_type=message.content_type,
        content_encoding=None,
        user_id=user,
        routing_key=key,
    )


@pytest.mark.parametrize(
    ("user", "key", "expected"),
    [
        pytest.param("registry", "product.submitted.v1.01.09574", code(1), id="the registry's own"),
        pytest.param("registry", PRODUCT_SUBMITTED.routing_key, code(1), id="from before there were places in keys"),
        pytest.param("integration.portal", PRODUCT_SUBMITTED.routing_key, None, id="an integration's word"),
        pytest.param(None, PRODUCT_SUBMITTED.routing_key, None, id="nobody's word"),
        pytest.param("registry", DOSSIER_FILED.routing_key, None, id="by another key"),
    ],
)
async def test_the_registry_alone_says_which_codes_were_given(user: str | None, key: str, expected: str | None) -> None:
    message = journaled(await submitted(Bench()), user=user, key=key)

    assert new_code(message, user="registry") == expected


async def test_an_upgrade_gives_no_code() -> None:
    bench = Bench()
    await submitted(bench)
    await recognise(await Registry.prepared(bench.resources), code(1))
    report = changed({})["documents"][0] | {"type": "change-report"}
    documents = [*changed({})["documents"], report]
    upgrade = await submitted(bench, {"/registration": "upgrade", "/product_code": code(1), "/documents": documents})

    assert upgrade.type == PRODUCT_SUBMITTED.type
    assert new_code(journaled(upgrade), user="registry") is None


async def test_what_is_no_event_gives_no_code() -> None:
    message = journaled(await submitted(Bench()))
    message.body = b"\xff"

    assert new_code(message, user="registry") is None
