"""Settings come from the environment, a file, or a folder of secrets, and show no password."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.errors import SettingsError
from shared.settings import Settings, load_document_settings, load_settings
from shared.storage import Database

AMQP, MONGO = "amqp://registry:geheim@rabbitmq:5672/", "mongodb://registry:geheim@mongo:27017/ocop_registry"


@pytest.fixture(autouse=True)
def nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OCOP_AMQP_URL", "OCOP_MONGO_URL", "OCOP_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)


def secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = folder / "secrets"
    own.mkdir()
    (own / "ocop_amqp_url").write_text(f"{AMQP}\n", "utf-8")
    (own / "ocop_mongo_url").write_text(MONGO, "utf-8")
    monkeypatch.setenv("OCOP_SECRETS_DIR", str(own))
    return own


def test_secrets_are_read_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets(tmp_path, monkeypatch)

    settings = load_settings()

    assert settings.amqp_url.get_secret_value() == AMQP
    assert settings.mongo_url.get_secret_value() == MONGO


def test_the_environment_comes_before_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets(tmp_path, monkeypatch)
    monkeypatch.setenv("OCOP_AMQP_URL", "amqp://elsewhere/")

    assert load_settings().amqp_url.get_secret_value() == "amqp://elsewhere/"


def test_a_folder_of_secrets_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_SECRETS_DIR", str(tmp_path / "missing"))

    with pytest.raises(SettingsError, match=r"^OCOP_SECRETS_DIR: .*missing is no folder$"):
        load_settings()


def test_an_authority_s_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets(tmp_path, monkeypatch)
    monkeypatch.setenv("OCOP_TLS_CA_FILE", str(tmp_path / "missing.pem"))

    with pytest.raises(SettingsError, match=r"^OCOP_TLS_CA_FILE: Path does not point to a file$"):
        load_settings()


def test_every_setting_that_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^OCOP_AMQP_URL: Field required\nOCOP_MONGO_URL: Field required$"):
        load_settings()


def test_no_password_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets(tmp_path, monkeypatch)
    settings = load_settings()

    assert "geheim" not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"


@pytest.mark.parametrize(
    "url",
    [
        "http://registry:geheim@rabbitmq/",
        "amqp://registry:geheim@",
        "geheim",
        "amqp://registry:geheim/geheim@rabbitmq:5672/",
        "amqp://registry:geheim#geheim@rabbitmq:5672/",
        "amqp://registry:geheim?geheim@rabbitmq:5672/",
        "amqp://registry:geheim@rabbitmq:geheim/",
    ],
)
def test_a_url_that_names_no_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, amqp_url=url, mongo_url=MONGO)

    assert "geheim" not in str([fault["msg"] for fault in refused.value.errors(include_input=False)])


@pytest.mark.parametrize("sign", ["/", "#", "?"])
def test_an_unencoded_password_of_the_database_is_refused_without_repeating_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    secrets(tmp_path, monkeypatch)
    monkeypatch.setenv("OCOP_MONGO_URL", f"mongodb://registry:geheim{sign}geheim@mongo:27017/")

    with pytest.raises(SettingsError, match="percent-encoded") as refused:
        load_settings()

    assert "geheim" not in str(refused.value)


def test_a_replica_set_has_several_hosts() -> None:
    url = "mongodb://registry:geheim@one:27017,two:27017/ocop_registry?replicaSet=rs0"

    assert Settings(_env_file=None, amqp_url=AMQP, mongo_url=url).mongo_url.get_secret_value() == url


def test_a_url_that_the_driver_cannot_read_is_not_repeated() -> None:
    with pytest.raises(SettingsError, match="OCOP_MONGO_URL") as refused:
        Database("mongodb://registry:geheim@[geheim/", service="registry")

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "schemes"),
    [("https", {"https"}), ("https, S3", {"https", "s3"}), ("https://,ftp://,", {"https", "ftp"})],
)
def test_schemes_of_documents_are_listed_with_commas(
    monkeypatch: pytest.MonkeyPatch, setting: str, schemes: set[str]
) -> None:
    monkeypatch.setenv("OCOP_DOCUMENT_SCHEMES", setting)

    assert load_document_settings().document_schemes == schemes


@pytest.mark.parametrize("setting", [" ", ",", "https,C:/", "file", "https,data"])
def test_no_scheme_that_nobody_can_open_is_allowed(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv("OCOP_DOCUMENT_SCHEMES", setting)

    with pytest.raises(SettingsError, match="OCOP_DOCUMENT_SCHEMES"):
        load_document_settings()


def test_a_setting_that_is_left_empty_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets(tmp_path, monkeypatch)
    (tmp_path / ".env").write_text("OCOP_PREFETCH=\n", "utf-8")
    for name in ("OCOP_LOG_FORMAT", "OCOP_SMTP_URL", "OCOP_AMQP_URL"):
        monkeypatch.setenv(name, "")

    settings = load_settings()

    assert (settings.log_format, settings.smtp_url, settings.prefetch) == ("json", None, 100)
    assert settings.amqp_url.get_secret_value() == AMQP
