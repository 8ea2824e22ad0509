"""Notifications needs the keys that open producers' contacts, and no other service has them."""

import json
from pathlib import Path

import pytest

from services.notifications.settings import NotificationsSettings, notifications_settings, opening_keys
from shared.errors import SettingsError
from shared.settings import load_settings
from tests.unit.contact_keys import PRIVATE_KEYS, PUBLIC_KEY, SEALED


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets with all that notifications needs but the keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCOP_AMQP_URL", "amqp://rabbitmq/")
    monkeypatch.setenv("OCOP_MONGO_URL", "mongodb://mongo/")
    monkeypatch.setenv("OCOP_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_the_keys_are_read_from_a_file(secrets: Path) -> None:
    (secrets / "ocop_contact_private_keys").write_text(f"{PRIVATE_KEYS}\n", "utf-8")

    keys = opening_keys(notifications_settings(load_settings(NotificationsSettings)))

    assert list(keys.keys) == [json.loads(PUBLIC_KEY)["kid"]]


def test_missing_keys_are_named() -> None:
    with pytest.raises(SettingsError, match=r"^OCOP_CONTACT_PRIVATE_KEYS: Field required$"):
        load_settings(NotificationsSettings)


@pytest.mark.parametrize(
    "keys", [" ", "{}", '{"keys": []}', '{"keys": [{"d": "geheim"}]}', f'{{"keys": [{PUBLIC_KEY}]}}']
)
def test_what_opens_nothing_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("OCOP_CONTACT_PRIVATE_KEYS", keys)

    with pytest.raises(SettingsError, match=r"^OCOP_CONTACT_PRIVATE_KEYS: Value error, must be") as refused:
        load_settings(NotificationsSettings)

    assert "geheim" not in str(refused.value)


def test_no_other_service_opens_contacts() -> None:
    with pytest.raises(SettingsError, match="OCOP_CONTACT_PRIVATE_KEYS"):
        notifications_settings(load_settings())


def test_the_keys_are_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_CONTACT_PRIVATE_KEYS", PRIVATE_KEYS)
    settings = notifications_settings(load_settings(NotificationsSettings))

    shown = f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}{opening_keys(settings)!r}"
    assert json.loads(PRIVATE_KEYS)["keys"][0]["d"] not in shown
    assert SEALED not in shown
