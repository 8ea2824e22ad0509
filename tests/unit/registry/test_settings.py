"""The registry needs keys: of producers' numbers, of contacts, of certificates; no other service has them."""

import json
from pathlib import Path

import pytest

from services.registry.settings import RegistrySettings, certificate_signer, practice_of, producer_key, sealing_key
from services.registry.time_limits import DECISION_26_2026, go_by, load_time_limits
from shared.errors import SettingsError
from shared.settings import Settings, load_settings
from tests.unit import certificate_keys
from tests.unit.certificate_keys import CLAIMS, JWKS, SIGNING_KEYS, TOKEN
from tests.unit.contact_keys import PRIVATE_KEYS, PUBLIC_KEY

KEY = "mười hai chữ số của một người"  # of more bytes than characters


@pytest.fixture(autouse=True)
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets with all that the registry needs but the key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OCOP_PRODUCER_KEY", raising=False)
    monkeypatch.setenv("OCOP_AMQP_URL", "amqp://rabbitmq/")
    monkeypatch.setenv("OCOP_MONGO_URL", "mongodb://mongo/")
    monkeypatch.setenv("OCOP_CONTACT_PUBLIC_KEY", PUBLIC_KEY)
    monkeypatch.setenv("OCOP_CERTIFICATE_KEYS", SIGNING_KEYS)
    monkeypatch.setenv("OCOP_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_the_key_is_the_same_from_the_environment_and_from_a_file(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (registry / "ocop_producer_key").write_text(f"{KEY}\n", "utf-8")
    from_file = producer_key(load_settings(RegistrySettings))
    monkeypatch.setenv("OCOP_PRODUCER_KEY", f"{KEY}\n")

    assert producer_key(load_settings(RegistrySettings)) == from_file == KEY.encode()


def test_a_missing_key_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^OCOP_PRODUCER_KEY: Field required$"):
        load_settings(RegistrySettings)


@pytest.mark.parametrize("key", ["x", "geheim", "x" * 31, " " * 40])
def test_a_key_that_is_too_short_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", key)

    with pytest.raises(SettingsError, match=r"^OCOP_PRODUCER_KEY: .*must have at least 32 bytes") as refused:
        load_settings(RegistrySettings)

    assert "geheim" not in str(refused.value)


def test_no_other_service_asks_for_it() -> None:
    settings = load_settings()

    with pytest.raises(SettingsError, match="OCOP_PRODUCER_KEY"):
        producer_key(settings)


def test_the_key_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    settings: Settings = load_settings(RegistrySettings)

    assert KEY not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"


@pytest.mark.parametrize("key", [" ", "{}", "[1]", "geheim", PRIVATE_KEYS])
def test_what_is_no_public_key_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    monkeypatch.setenv("OCOP_CONTACT_PUBLIC_KEY", key)

    with pytest.raises(SettingsError, match=r"^OCOP_CONTACT_PUBLIC_KEY: Value error, must be") as refused:
        load_settings(RegistrySettings)

    assert "geheim" not in str(refused.value)
    assert '"d"' not in str(refused.value)


def test_a_private_key_in_the_place_of_the_public_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (private,) = json.loads(PRIVATE_KEYS)["keys"]
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    monkeypatch.setenv("OCOP_CONTACT_PUBLIC_KEY", json.dumps(private))

    with pytest.raises(SettingsError, match="must be the public key") as refused:
        load_settings(RegistrySettings)

    assert private["d"] not in str(refused.value)


def test_no_other_service_seals() -> None:
    with pytest.raises(SettingsError, match="OCOP_CONTACT_PUBLIC_KEY"):
        sealing_key(load_settings())


def test_certificates_are_signed_by_the_key_of_a_file(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    monkeypatch.delenv("OCOP_CERTIFICATE_KEYS")
    (registry / "ocop_certificate_keys").write_text(f"{SIGNING_KEYS}\n", "utf-8")

    assert certificate_signer(load_settings(RegistrySettings)).sign(CLAIMS) == TOKEN


@pytest.mark.parametrize("keys", [" ", "geheim", '{"keys": []}', PRIVATE_KEYS, JWKS])
def test_what_cannot_sign_certificates_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    monkeypatch.setenv("OCOP_CERTIFICATE_KEYS", keys)

    with pytest.raises(SettingsError, match=r"^OCOP_CERTIFICATE_KEYS: Value error, must be") as refused:
        load_settings(RegistrySettings)

    assert "geheim" not in str(refused.value)
    assert '"x"' not in str(refused.value)


def test_the_key_of_certificates_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    settings = load_settings(RegistrySettings)

    shown = f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}{certificate_signer(settings)!r}"
    assert certificate_keys.KEY["d"] not in shown


@pytest.mark.parametrize("issuer", [" ", "OCOP", "https://a b", "https://ô.vn", 'urn:"', "https://" + "a" * 100])
def test_an_issuer_is_a_short_uri_of_ascii_letters(monkeypatch: pytest.MonkeyPatch, issuer: str) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    monkeypatch.setenv("OCOP_CERTIFICATE_ISSUER", issuer)

    with pytest.raises(SettingsError, match=r"^OCOP_CERTIFICATE_ISSUER: "):
        load_settings(RegistrySettings)


def test_no_other_service_signs_certificates() -> None:
    with pytest.raises(SettingsError, match="OCOP_CERTIFICATE_KEYS"):
        certificate_signer(load_settings())


def test_a_file_of_an_office_changes_the_days_that_the_decision_leaves_open(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCOP_PRODUCER_KEY", KEY)
    text = DECISION_26_2026.read_text("utf-8").replace(
        "re_evaluation_days: {value: 45", "re_evaluation_days: {value: 60"
    )
    (registry / "limits.yaml").write_text(text, "utf-8")
    monkeypatch.setenv("OCOP_TIME_LIMITS", str(registry / "limits.yaml"))
    try:
        settings = load_settings(RegistrySettings)
        assert practice_of(settings).limits.re_evaluation_days == 60
        monkeypatch.setenv("OCOP_TIME_LIMITS", str(registry / "none.yaml"))
        with pytest.raises(SettingsError, match=r"OCOP_TIME_LIMITS: .*none\.yaml"):
            load_settings(RegistrySettings)
    finally:
        go_by(DECISION_26_2026)
    assert load_time_limits().re_evaluation_days == 45
