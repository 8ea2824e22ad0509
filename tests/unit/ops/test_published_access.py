"""What is published in `deploy/`: the queues and the rights of the code, and no password."""

import base64
import hashlib
import re

import pytest
from pydantic import ValidationError

from ops.access.bindings import surplus
from ops.access.broker import definitions, permissions, with_passwords
from ops.access.database import roles
from ops.access.permissions import Permissions
from ops.access.published import DEFINITIONS, ROLES, as_text, published_definitions
from shared.contracts.catalogue import (
    ANSWERS,
    CATALOGUE,
    DOSSIER_FILED,
    DOSSIER_TRIED,
    EVENTS,
    INTAKE,
    PRODUCT_QUERY,
    REGISTER_QUERY,
)
from shared.errors import SettingsError
from shared.integrations import Integration, load_integrations, read_integrations
from shared.messaging.routing import binding_key
from shared.messaging.topology import JOURNAL
from shared.scopes import EVERYWHERE, RESULTS, Role, Scope

PORTAL = Scope(Role.PORTAL, frozenset({EVERYWHERE}))


def test_the_published_files_are_those_of_the_code() -> None:
    assert DEFINITIONS.read_text("utf-8") == as_text(definitions(load_integrations())), "run: ./ocop access publish"
    assert ROLES.read_text("utf-8") == as_text(roles()), "run: ./ocop access publish"


def test_every_queue_is_replicated_and_governed_by_a_policy_of_its_own() -> None:
    content = published_definitions()
    policies = {policy["pattern"]: policy["definition"] for policy in content["policies"]}

    for queue in content["queues"]:
        assert queue["durable"]
        assert queue["arguments"]["x-queue-type"] == ("stream" if queue["name"] == JOURNAL else "quorum")
        assert ("x-single-active-consumer" in queue["arguments"]) == (
            queue["name"] in {"registry.life", "evaluation.councils"}
        )
        assert policies["^" + queue["name"].replace(".", r"\.") + "$"]


def test_nobody_can_log_in_by_what_is_published() -> None:
    assert {user["password_hash"] for user in published_definitions()["users"]} == {""}
    assert all("pwd" not in user for user in roles()["users"])


def test_a_user_without_a_password_stops_the_set_up() -> None:
    with pytest.raises(KeyError, match="registry"):
        with_passwords(published_definitions(), {"admin": "x"})


def test_a_password_is_hashed_as_rabbitmq_does() -> None:
    users = with_passwords({"users": [{"name": "registry"}], "vhosts": [{"name": "/"}]}, {"registry": "mật khẩu"})[
        "users"
    ]

    hashed = base64.b64decode(users[0]["password_hash"])
    assert hashlib.sha256(hashed[:4] + "mật khẩu".encode()).digest() == hashed[4:]


def test_on_every_topic_exchange_that_a_user_reaches_its_routing_keys_are_limited() -> None:
    """RabbitMQ takes every key on an exchange for which a user has no topic permission."""
    content = published_definitions()
    topics = [exchange["name"] for exchange in content["exchanges"] if exchange["type"] == "topic"]
    limited = {(each["user"], each["exchange"]) for each in content["topic_permissions"]}

    for granted in content["permissions"]:
        reached = [name for name in topics if name.replace(".", r"\.") in granted["write"] + granted["read"]]
        assert reached or not topics
        assert {(granted["user"], name) for name in reached} <= limited


@pytest.mark.parametrize("name", ["a.b", "A", "", "-a", "a b", "sơn-tây"])
def test_an_integration_s_name_cannot_reach_into_another_s(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("integrations") / "integrations.yaml"
    file.write_text(f'"{name}": {{scope: centre, listens_to: [product.rated]}}', "utf-8")

    with pytest.raises(SettingsError, match=re.escape(f"{file}: {name}")):
        load_integrations(file)


def test_an_integration_listens_to_what_is_announced() -> None:
    with pytest.raises(ValidationError, match=r"no service announces dossier\.filed; known: dossier\.rejected"):
        Integration(scope=PORTAL, listens_to=("dossier.filed",))


def bound_to(integration: Integration) -> list[str]:
    content = definitions({"a": integration})
    of_queue = [each for each in content["bindings"] if each["destination"] == "integration.a.events"]
    return [each["routing_key"] for each in of_queue if each["source"] == EVENTS]


@pytest.mark.parametrize("scope", ["{commune: everywhere}", "centre"])
def test_who_sees_everything_sees_it_of_everywhere_also_what_has_no_place(scope: str) -> None:
    integration = read_integrations(f"a: {{scope: {scope}}}".encode())["a"]

    announced = [kind for kind in CATALOGUE if kind.exchange == EVENTS]
    assert bound_to(integration) == ["to.integration.a", *(binding_key(kind) for kind in announced)]


@pytest.mark.parametrize(
    ("scope", "places"),
    [
        ('{province: "01"}', ["01.*"]),
        ('{commune: ["25-07918", "01-09574"]}', ["01.09574", "25.07918"]),
        ('{commune: ["01", "25-07918"]}', ["01.*", "25.07918"]),
    ],
)
def test_a_queue_is_bound_to_the_places_of_its_scope(scope: str, places: list[str]) -> None:
    integration = read_integrations(f"a: {{scope: {scope}, listens_to: [alert.failed]}}".encode())["a"]

    assert bound_to(integration) == ["to.integration.a", *(f"alert.failed.v1.{place}" for place in places)]


@pytest.mark.parametrize("listens_to", ["", ", listens_to: [product.submitted, dossier.rejected, product.rated]"])
def test_a_portal_sees_results_of_its_places_and_nobody_s_dossier(listens_to: str) -> None:
    integration = read_integrations(f'a: {{scope: {{portal: ["01"]}}{listens_to}}}'.encode())["a"]

    seen = {key.split(".v1.")[0] for key in bound_to(integration) if not key.startswith("to.")}
    assert seen == ({"product.rated"} if listens_to else {each.name for each in RESULTS})
    assert not any(key.startswith(("dossier.", "product.submitted", "round.")) for key in bound_to(integration))


def test_whoever_listens_to_nothing_that_its_role_sees_still_gets_its_own_answers() -> None:
    assert bound_to(Integration(scope=PORTAL, listens_to=("product.submitted",))) == ["to.integration.a"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANONYMOUS, Role.UNKNOWN])
def test_who_is_no_integration_sees_nothing(role: Role) -> None:
    assert not any(Scope(role, frozenset({EVERYWHERE})).may_see(kind) for kind in CATALOGUE)


def test_what_no_longer_follows_from_a_scope_is_unbound_also_of_an_integration_that_is_gone() -> None:
    before = definitions(read_integrations(b"a: {scope: centre}\ngone: {scope: centre}"))["bindings"]
    after = definitions(read_integrations(b'a: {scope: {province: "01"}}'))["bindings"]
    own = [{"source": "", "destination": "integration.a.events", "routing_key": "integration.a.events"}]
    of_others = [{"source": "ocop.events", "destination": "somebody-s", "routing_key": "#"}]

    no_longer = surplus(after, [*before, *own, *of_others])

    kept = [("integration.a.events", "to.integration.a"), ("integration.a.events", "integration.a.events")]
    unbound = [(each["destination"], each["routing_key"]) for each in no_longer]
    of_integrations = [
        (each["destination"], each["routing_key"]) for each in before if "integration" in each["destination"]
    ]
    assert unbound == [each for each in of_integrations if each not in kept]


def test_the_journal_is_no_longer_bound_to_what_filled_it_before() -> None:
    now = definitions({})["bindings"]
    formerly = {"source": INTAKE, "destination": JOURNAL, "routing_key": DOSSIER_FILED.routing_key}

    assert surplus(now, [*now, formerly]) == [formerly]


def test_what_a_scope_may_not_file_the_broker_refuses_too_and_who_may_not_ask_gets_no_answer() -> None:
    centre = Integration(scope=Scope(Role.CENTRE, frozenset({EVERYWHERE})), listens_to=("product.rated",))
    may_write = permissions({"a": centre})["integration.a"].topics[INTAKE].write

    assert not re.search(may_write, DOSSIER_FILED.routing_key)
    assert all(re.search(may_write, key) for key in (PRODUCT_QUERY.routing_key, "dossier.filed.v10", "mistyped"))
    assert re.fullmatch(permissions({})["operator"].topics[INTAKE].write, DOSSIER_FILED.routing_key)


def test_the_management_interface_is_for_whoever_was_given_it_and_changes_no_right() -> None:
    tried = permissions({"a": Integration(scope=PORTAL, listens_to=("product.rated",), management_api=True)})[
        "integration.a"
    ]
    usual = permissions({"a": Integration(scope=PORTAL, listens_to=("product.rated",))})["integration.a"]

    assert (tried.tags, usual.tags) == (("management",), ())
    assert (tried.configure, tried.names, tried.topics) == (usual.configure, usual.names, usual.topics)
    assert not any(integration.management_api for integration in load_integrations().values())


def test_answers_are_bound_to_the_queue_of_each_integration_by_its_own_name() -> None:
    content = definitions({name: Integration(scope=PORTAL, listens_to=("product.rated",)) for name in ("a", "a-b")})
    of_integrations = (each for each in content["bindings"] if each["destination"].startswith("integration."))
    bound = [(each["destination"], each["routing_key"]) for each in of_integrations if each["source"] == ANSWERS]

    assert bound == [
        *(("integration.a.events", key) for key in ("integration.a.events", "to.integration.a")),
        *(("integration.a-b.events", key) for key in ("integration.a-b.events", "to.integration.a-b")),
    ]


def test_who_does_not_listen_to_ratings_may_not_ask_for_them_and_gets_no_answer() -> None:
    deaf = {"a": Integration(scope=PORTAL, listens_to=("product.submitted",))}
    may_write = permissions(deaf)["integration.a"].topics[INTAKE].write

    assert not any(re.search(may_write, kind.routing_key) for kind in (PRODUCT_QUERY, REGISTER_QUERY))
    assert all(re.search(may_write, key) for key in (DOSSIER_FILED.routing_key, "product.query.v10", "mistyped"))
    answers = [each for each in definitions(deaf)["bindings"] if each["destination"] == "integration.a.events"]
    assert [each["routing_key"] for each in answers if each["source"] == ANSWERS] == ["to.integration.a"]


def test_who_may_file_dossiers_may_try_them_and_the_centre_may_not() -> None:
    portal, centre = (Integration(scope=Scope(role, frozenset({EVERYWHERE}))) for role in (Role.PORTAL, Role.CENTRE))
    rights = permissions({"portal": portal, "centre": centre})
    bound = definitions({"centre": centre})["bindings"]

    assert re.search(rights["integration.portal"].topics[INTAKE].write, DOSSIER_TRIED.routing_key)
    assert not re.search(rights["integration.centre"].topics[INTAKE].write, DOSSIER_TRIED.routing_key)
    assert "to.integration.centre" not in {each["routing_key"] for each in bound if each["source"] == ANSWERS}


def test_what_came_of_a_trial_each_of_both_services_may_tell_and_the_registry_alone_hands_one_on() -> None:
    registry, evaluation = (permissions({})[name].topics[ANSWERS] for name in ("registry", "evaluation"))

    assert all(re.search(each.write, "to.integration.a") for each in (registry, evaluation))
    assert (bool(re.search(registry.write, "dossier.examined.v1")), registry.read) == (True, "^$")
    assert not re.search(evaluation.write, "dossier.examined.v1")
    assert re.search(evaluation.read, "dossier.examined.v1")


def test_who_answers_questions_may_write_to_who_asks_and_no_other_service() -> None:
    rights = permissions({})
    answering = {each for each in ("registry", "evaluation", "notifications") if _may_answer(rights[each])}

    assert answering == {"registry", "evaluation"}


def _may_answer(service: Permissions) -> bool:
    return ANSWERS in service.topics and bool(re.search(service.topics[ANSWERS].write, "integration.a.events"))
