"""The compose file: one image built once, nobody sees another's passwords, and none stands in the file."""

from pathlib import Path
from typing import Any

import yaml

from ops.access.credentials import issue
from ops.access.published import published_definitions

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


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


def test_no_port_is_published_beyond_this_machine() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]

    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_no_password_stands_in_the_file() -> None:
    settings = [f"{name}={value}" for each in SERVICES.values() for name, value in each.get("environment", {}).items()]

    assert [each for each in settings if "PASS" in each.partition("=")[0] and "/run/secrets" not in each] == []
    assert [each for each in settings if "@" in each and "OCOP_MAIL_FROM" not in each] == []


def test_what_looks_at_the_broker_starts_nothing() -> None:
    assert SERVICES["ocop"]["depends_on"] == {}
