"""How what was found is judged."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.access.published import published_definitions
from ops.database_reader import Server
from ops.doctor.broker import check_queues
from ops.doctor.channels import check_channel, check_channels, checks_of
from ops.doctor.check import State, is_well, listed, not_checked, ok, warning, wrong
from ops.doctor.database import check_database, replica_set
from ops.doctor.installed import check_packages
from ops.doctor.management import check_published
from ops.doctor.ready import check_services
from ops.doctor.topology import check_topology
from ops.operator_settings import OperatorSettings
from ops.queues.state import QueueKind, QueueState

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DEFINITIONS = published_definitions()
QUEUE = "registry.life"
#: with one binding to the exchange of events
RATED = "notifications.product-rated"
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
    assert {check.state for check in check_topology(DEFINITIONS, DEFINITIONS)} == {State.OK}


@pytest.mark.parametrize(
    ("breaks", "check", "said"),
    [
        (drop("exchanges", name="ocop.retry"), "exchanges", "missing: ocop.retry"),
        (drop("queues", name=QUEUE), "queues", f"missing: {QUEUE}"),
        (change("queues", QUEUE, arguments={"x-queue-type": "classic"}), "queues", f"not as declared: {QUEUE}"),
        (drop("bindings", source="ocop.events", destination=RATED), "bindings", f"missing: ocop.events → {RATED}"),
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
def test_what_is_not_as_published_is_named(breaks: Callable[[Found], None], check: str, said: str) -> None:
    found: Found = copy.deepcopy(DEFINITIONS)
    breaks(found)

    faults = {each.name: each.found for each in check_topology(DEFINITIONS, found) if each.state is State.WRONG}

    assert faults == {check: said}


def test_what_an_integration_is_bound_to_beyond_its_scope_is_named() -> None:
    found: Found = copy.deepcopy(DEFINITIONS)
    own = next(each for each in found["bindings"] if each["destination"] == "integration.portal.events")
    found["bindings"].append(own | {"source": "ocop.events", "routing_key": "product.submitted.v1.*.*"})

    check = {each.name: each for each in check_topology(DEFINITIONS, found)}["bindings"]

    said = "beyond the scope: integration.portal.events to product.submitted.v1.*.*"
    assert (check.state, check.found) == (State.WRONG, said)


def test_what_is_there_besides_is_nobody_s_fault() -> None:
    found: Found = copy.deepcopy(DEFINITIONS)
    found["queues"].append(found["queues"][0] | {"name": "somebody-else's"})

    assert is_well(check_topology(DEFINITIONS, found))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "integrations.yaml"
    written.write_text("portal: {scope: {portal: everywhere}}\nson-tay: {scope: centre}\n", "utf-8")
    return written


def test_an_integration_of_the_file_that_the_broker_does_not_know_is_named(file: Path) -> None:
    checks = {each.name: each for each in check_published(file, DEFINITIONS)}

    said = f"in {file}, and not on the broker: integration.son-tay"
    assert (checks["integrations"].state, checks["integrations"].found) == (State.WRONG, said)
    assert "ocop access issue" in checks["integrations"].advice


def test_one_that_the_broker_knows_and_the_file_does_not_is_named(file: Path) -> None:
    found = published_definitions(file)
    file.write_text("portal: {scope: {portal: everywhere}}\n", "utf-8")

    (integrations, *_) = check_published(file, found)

    said = f"on the broker, and not in {file}: integration.son-tay"
    assert (integrations.state, integrations.found) == (State.WARNING, said)


def test_a_fault_in_the_file_of_integrations_is_a_check_of_its_own(file: Path) -> None:
    file.write_text("portal: {scope: [}\n", "utf-8")

    checks = check_published(file, DEFINITIONS)

    assert [check.state for check in checks] == [State.WRONG, *[State.NOT_CHECKED] * 4]
    assert checks[0].found.startswith(f"{file}:1:")
    assert "\n" not in checks[0].found


@pytest.mark.parametrize(
    ("state", "check", "said"),
    [
        (QueueState(QUEUE, QueueKind.WORK, 3, 0), "consumers", f"none on {QUEUE}"),
        (QueueState(QUEUE, QueueKind.WORK, None, 0), "queue lengths", f"{QUEUE}: not there: ocop access apply"),
        (
            QueueState(QUEUE, QueueKind.WORK, 200, 1, in_per_second=9.0, out_per_second=2.0),
            "queue lengths",
            f"{QUEUE}: growing: 9/s in, 2/s out",
        ),
        (
            QueueState(f"{QUEUE}.dead", QueueKind.DEAD, 2, 0, oldest=NOW - timedelta(hours=3), keeps_when_read=True),
            "dead letters",
            f"2 in {QUEUE}.dead, the oldest 3 h 0 min old",
        ),
        (
            QueueState(f"{QUEUE}.dead", QueueKind.DEAD, 2, 0),
            "dead letters",
            f"2 in {QUEUE}.dead; how old is not known of {QUEUE}.dead, whose policy was not seen in force",
        ),
    ],
    ids=["no consumer", "no queue", "growing", "dead letters", "dead letters that are not read"],
)
def test_what_is_wrong_with_a_queue_is_said_by_one_check(state: QueueState, check: str, said: str) -> None:
    faults = {each.name: each.found for each in check_queues([state], NOW) if each.state is not State.OK}

    assert faults == {check: said}


@pytest.mark.parametrize(
    ("server", "state", "found"),
    [
        (Server("8.2", None, (), takes_writes=True), State.WARNING, "a server that stands alone"),
        (Server("8.2", None, (), takes_writes=True, is_sharded=True), State.OK, "a sharded cluster"),
        (Server("8.2", "rs0", ("a", "b", "c"), takes_writes=True), State.OK, "rs0 has 3 members"),
        (Server("8.2", "rs0", ("a", "b", "c"), takes_writes=False), State.WARNING, "rs0: this member"),
    ],
    ids=["alone", "shards", "replica set", "secondary"],
)
def test_a_database_is_judged_by_its_members(server: Server, state: State, found: str) -> None:
    check = replica_set(server)

    assert (check.state, check.found.startswith(found)) == (state, True)


@pytest.mark.parametrize(
    "url", ["http://u:secret@host", "http://host:secret", "http://[secret", "amqp://secret", "http://:secret@host:1/"]
)
async def test_what_is_no_place_of_a_service_is_said_and_not_repeated(url: str) -> None:
    (check,) = await check_services(OperatorSettings("", None, None, (url,), None))

    assert (check.state, check.found) == (State.WRONG, "no URL of a service")
    assert "secret" not in str(check)


async def test_an_authority_s_file_that_holds_none_is_reported(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("garbage", "ascii")
    settings = OperatorSettings(None, "mongodb://operator:secret@127.0.0.1:1/?tls=true", None, (), ca_file)

    (database,) = await check_database(settings)

    assert database.state is State.WRONG
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


@pytest.mark.parametrize(
    ("said", "state", "found"),
    [
        pytest.param(
            {"channel": "email", "place": "mail.example.vn:587", "found": "answers, encrypted", "fault": None},
            State.OK,
            "mail.example.vn:587 answers, encrypted",
            id="it answers",
        ),
        pytest.param(
            {"channel": "email", "place": "mail.example.vn:587", "fault": "535 5.7.8"},
            State.WRONG,
            "mail.example.vn:587 takes nothing over: 535 5.7.8",
            id="it refuses our log-in",
        ),
        pytest.param(
            {"channel": "email", "place": "", "found": "", "fault": None},
            State.WARNING,
            "not set up: its producers' alerts go to the log, and they hear nothing",
            id="nobody is mailed",
        ),
    ],
)
def test_a_channel_is_judged_by_what_notifications_found(said: dict[str, Any], state: State, found: str) -> None:
    check = check_channel(said)

    assert (check.name, check.state, check.found) == ("channel email", state, found)
    assert bool(check.advice) is (state is not State.OK)


def test_a_channel_that_nobody_has_to_set_up_is_shown_where_it_is() -> None:
    names = ("email", "webhook", "zalo", "sms")
    said = [{"channel": name, "place": "sms.example.vn" if name == "sms" else ""} for name in names]

    assert [check.name for check in checks_of(said)] == ["channel email", "channel sms"]


async def test_where_no_service_has_channels_they_are_not_checked() -> None:
    (check,) = await check_channels(OperatorSettings("", None, None, (), None))

    assert (check.name, check.state) == ("channels", State.NOT_CHECKED)
