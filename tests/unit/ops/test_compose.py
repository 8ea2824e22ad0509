"""The compose file: one image built once, nobody sees another's passwords, and none stands in the file."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.access.credentials import issue, load
from ops.access.published import published_definitions
from ops.reports.programme import FOLDER
from ops.typed import as_typed
from services.evaluation.settings import EvaluationSettings
from services.notifications.settings import NotificationsSettings
from services.registry.settings import RegistrySettings
from shared.advice import typed
from shared.settings import Settings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


SETTINGS: dict[str, type[Settings]] = {
    "registry": RegistrySettings,
    "evaluation": EvaluationSettings,
    "notifications": NotificationsSettings,
}
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
#: what `.env.example` says of compose: its servers speak no TLS, and its services have a network of their own
NOT_OF_COMPOSE = {"OCOP_TLS_CA_FILE", "OCOP_HTTP_PORT"}


def names_of(settings: type[Settings]) -> set[str]:
    return {f"OCOP_{name.upper()}" for name in settings.model_fields}


def mounted(service: str) -> dict[str, str]:
    """Return where a service sees which secrets."""
    volumes = (volume.split(":") for volume in SERVICES[service].get("volumes", ()))
    return {name: where for name, where, *_ in volumes if name.endswith("-secrets")}


def test_the_image_is_built_once() -> None:
    """Built by several services, it would differ for each, and a look with `run` would recreate the broker."""
    assert [name for name, service in SERVICES.items() if "build" in service] == ["passwords"]


def test_each_service_sees_its_own_passwords_only() -> None:
    for name in ("registry", "evaluation", "notifications"):
        assert mounted(name) == {f"{name}-secrets": "/run/secrets"}
    assert mounted("ocop") == {"operator-secrets": "/run/secrets"}
    assert set(mounted("rabbitmq")) == {"rabbitmq-secrets"}
    assert set(mounted("mongo")) == {"mongo-secrets"}
    assert set(mounted("grafana")) == {"grafana-secrets"}
    assert set(mounted("prometheus")) == set()


def test_every_folder_of_passwords_has_its_volume(tmp_path: Path) -> None:
    users = [user["name"] for user in published_definitions()["users"]]
    issue(tmp_path, users, amqp="amqp://rabbitmq:5672/", mongo="mongodb://mongo:27017/")

    made = {f"/secrets/{folder.name}" for folder in tmp_path.iterdir()}
    assert set(mounted("passwords").values()) == made
    assert set(mounted("access").values()) == made - {"/secrets/rabbitmq", "/secrets/mongo", "/secrets/grafana"}


def test_who_adds_an_integration_may_write_its_file_and_its_password_and_nothing_else() -> None:
    writable = [volume for volume in SERVICES["access-add"]["volumes"] if not volume.endswith(":ro")]

    assert writable == ["integration-secrets:/secrets/integrations", "./deploy:/app/deploy"]
    assert mounted("access-add") == mounted("access")
    assert SERVICES["access-add"]["depends_on"] == {}


@pytest.mark.parametrize("command", ["ocop access issue", "ocop access apply", "ocop access add", "ocop doctor"])
def test_what_advice_names_beside_compose_is_there(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_RUN_WITH", "compose")

    named = [word for word in as_typed(command).split() if word in SERVICES]

    assert named
    assert "OCOP_RUN_WITH" in SERVICES[named[0]]["environment"]


@pytest.mark.parametrize("service", SETTINGS)
@pytest.mark.parametrize("command", ["ocop access apply", "ocop refile"])
def test_what_a_service_advises_can_be_pasted_beside_compose(
    service: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert typed(command) == command
    monkeypatch.setenv("OCOP_RUN_WITH", SERVICES[service]["environment"]["OCOP_RUN_WITH"])

    assert typed(command) == as_typed(command) != command


def test_no_port_is_published_beyond_this_machine() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]

    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_no_password_stands_in_the_file() -> None:
    settings = [f"{name}={value}" for each in SERVICES.values() for name, value in each.get("environment", {}).items()]

    assert [each for each in settings if "PASS" in each.partition("=")[0] and "/run/secrets" not in each] == []
    assert [each for each in settings if "@" in each and "OCOP_MAIL_FROM" not in each] == []


def test_what_looks_at_the_broker_starts_nothing() -> None:
    assert SERVICES["ocop"]["depends_on"] == {}


@pytest.mark.parametrize("service", SETTINGS)
def test_every_setting_of_a_service_reaches_it_from_the_environment_or_env_or_from_its_secrets(
    service: str, tmp_path: Path
) -> None:
    users = [user["name"] for user in published_definitions()["users"]]
    issue(tmp_path, users, amqp="amqp://rabbitmq:5672/", mongo="mongodb://mongo:27017/")
    environment = SERVICES[service]["environment"]

    missing = names_of(SETTINGS[service]) - environment.keys() - load(tmp_path)[service].settings.keys()
    fixed = {name for name, value in environment.items() if value is not None and f"${{{name}" not in value}

    assert missing == NOT_OF_COMPOSE
    assert fixed == {"OCOP_HTTP_HOST", "OCOP_RUN_WITH"}


def test_the_settings_are_those_of_the_example() -> None:
    named = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    of_services = set().union(*map(names_of, SETTINGS.values()))
    of_compose = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))

    assert of_services | of_compose <= named


def test_a_dossier_is_scored_and_a_day_counted_by_the_settings_of_the_services() -> None:
    assert {"OCOP_DOCUMENT_SCHEMES", "OCOP_TIME_LIMITS"} <= SERVICES["ocop"]["environment"].keys()


@pytest.mark.parametrize("service", [*SETTINGS, "passwords", "access", "ocop"])
def test_a_file_that_a_setting_names_is_found_in_the_container_by_its_path_in_the_clone(service: str) -> None:
    assert "./deploy:/app/deploy:ro" in SERVICES[service]["volumes"]
    assert "WORKDIR /app\n" in (ROOT / "Dockerfile").read_text("utf-8")


def test_an_office_s_programmes_are_in_the_image_and_can_be_changed_beside_it() -> None:
    copied = re.findall(r"^COPY (\S+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    let_in = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert (str(FOLDER) in copied, f"!{FOLDER}" in let_in) == (True, True)
    assert f"./{FOLDER}:/app/{FOLDER}:ro" in SERVICES["ocop"]["volumes"]
