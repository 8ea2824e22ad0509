"""How what was found is judged."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.access.published import published_definitions
from ops.broker_access import Access
from ops.database_reader import Server
from ops.doctor import certificates, clocks
from ops.doctor.check import State, is_well, listed, not_checked, ok, warning, wrong
from ops.doctor.database import check_database, replica_set
from ops.doctor.installed import check_packages
from ops.doctor.ready import check_services
from ops.doctor.topology import check_topology
from ops.operator_settings import OperatorSettings

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DEFINITIONS = published_definitions()
QUEUE = "registry.dossier-filed"
Found = dict[str, list[dict[str, Any]]]


def drop(kind: str, **fields: str) -> Callable[[Found], None]:
    def broken(found: Found) -> None:
        found[kind] = [each for each in found[kind] if any(each[name] != value for name, value in fields.items())]

    return broken


def change(kind: str, name: str, **fields: Any) -> Callable[[Found], None]:
    def broken(found: Found) -> None:
        (thing,) = (each for each in found[kind] if each["name"] == name)
        thing.update(fields)

    return broken


def test_a_broker_as_published_is_well() -> None:
    assert {check.state for check in check_topology(DEFINITIONS, DEFINITIONS, "/")} == {State.OK}


@pytest.mark.parametrize(
    ("breaks", "check", "told"),
    [
        (drop("exchanges", name="ocop.retry"), "exchanges", "missing: ocop.retry"),
        (drop("queues", name=QUEUE), "queues", f"missing: {QUEUE}"),
        (change("queues", QUEUE, arguments={"x-queue-type": "classic"}), "queues", f"not as declared: {QUEUE}"),
        (drop("bindings", source="ocop.intake", destination=QUEUE), "bindings", f"missing: ocop.intake → {QUEUE}"),
        (drop("policies", name=QUEUE), "policies", f"{QUEUE} is missing"),
        (
            change("policies", f"{QUEUE}.dead", definition={"delivery-limit": 20}),
            "policies",
            f"{QUEUE}.dead: delivery-limit is 20, not 1000000",
        ),
        (change("queues", QUEUE, policy="everything"), "policies", f"{QUEUE} is governed by the policy everything"),
    ],
    ids=["exchange", "queue", "classic queue", "binding", "policy", "delivery limit", "another policy"],
)
def test_what_is_not_as_published_is_named(breaks: Callable[[Found], None], check: str, told: str) -> None:
    found: Found = copy.deepcopy(DEFINITIONS)
    breaks(found)

    faults = {each.name: each.found for each in check_topology(DEFINITIONS, found, "/") if each.state is State.WRONG}

    assert faults == {check: told}


def test_what_is_there_besides_is_nobody_s_fault() -> None:
    found: Found = copy.deepcopy(DEFINITIONS)
    found["queues"].append(found["queues"][0] | {"name": "somebody-else's"})

    assert is_well(check_topology(DEFINITIONS, found, "/"))


@pytest.mark.parametrize(("days", "state"), [(400, State.OK), (30, State.OK), (29, State.WARNING), (-1, State.WARNING)])
def test_a_certificate_is_told_of_before_it_ends(days: int, state: State) -> None:
    assert certificates.judged("TLS", NOW + timedelta(days=days), NOW).state is state


@pytest.mark.parametrize(
    ("server", "state", "found"),
    [
        (Server("8.2", None, (), takes_writes=True, at=NOW), State.WARNING, "a server that stands alone"),
        (Server("8.2", None, (), takes_writes=True, at=NOW, is_sharded=True), State.OK, "a sharded cluster"),
        (Server("8.2", "rs0", ("a", "b", "c"), takes_writes=True, at=NOW), State.OK, "rs0 has 3 members"),
        (Server("8.2", "rs0", ("a", "b", "c"), takes_writes=False, at=NOW), State.WARNING, "rs0: this member"),
    ],
    ids=["alone", "shards", "replica set", "secondary"],
)
def test_a_database_is_judged_by_its_members(server: Server, state: State, found: str) -> None:
    check = replica_set(server)

    assert (check.state, check.found.startswith(found)) == (state, True)


def test_clocks_that_are_apart_are_told_of() -> None:
    assert clocks.judged({"the broker": 0.4, "the database": 2.9}).state is State.OK

    apart = clocks.judged({"the broker": 0.4, "the database": 61.0})
    assert (apart.state, apart.found) == (State.WARNING, "61 s from that of the database")


@pytest.mark.parametrize(
    "url", ["http://u:secret@host", "http://host:secret", "http://[secret", "amqp://secret", "http://:secret@host:1/"]
)
async def test_what_is_no_place_of_a_service_is_said_and_not_repeated(url: str) -> None:
    (check,) = await check_services(OperatorSettings("", None, None, (url,), None))

    assert (check.state, check.found) == (State.WRONG, "no URL of a service")
    assert "secret" not in str(check)


async def test_an_authority_s_file_that_holds_none_is_told_of_by_each_that_reads_it(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("garbage", "ascii")
    access = Access("amqps://operator:secret@127.0.0.1:1/", "http://127.0.0.1:1", ca_file)
    settings = OperatorSettings(access.url, "mongodb://operator:secret@127.0.0.1:1/?tls=true", None, (), ca_file)

    (of_broker, of_database) = await certificates.check_certificates(access, settings, NOW)
    (database,) = await check_database(settings)

    assert [check.state for check in (of_broker, of_database, database)] == [State.WRONG] * 3
    assert "OCOP_TLS_CA_FILE" in of_broker.advice
    assert database.found.startswith("OCOP_OPERATOR_MONGO_URL, OCOP_TLS_CA_FILE: ")
    assert "secret" not in database.found


def test_packages_are_held_against_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "services.lock"
    lock.write_text("motor==0.1 \\\n    --hash=sha256:00\nnot-needed-here==1.0 ; sys_platform == 'win32'\n", "utf-8")

    check = check_packages(lock)

    assert check.state is State.WARNING
    assert "motor" in check.found
    assert "not-needed-here" not in check.found


def test_only_what_is_wrong_is_not_well() -> None:
    assert is_well([ok("a", ""), warning("b", "", ""), not_checked("c", "")])
    assert not is_well([ok("a", ""), wrong("b", "", "")])


def test_long_lists_are_cut() -> None:
    assert listed(["b", "a"]) == "a, b"
    assert listed("abcde") == "a, b, c and 2 more"
