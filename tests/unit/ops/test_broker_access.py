"""Which broker the operators' commands talk to."""

from pathlib import Path

import pytest

from ops import operator_settings as operator_settings_module
from ops.broker_access import Access, AccessError, operator_access
from ops.history.records import opened_reader
from ops.operator_settings import operator_settings, said_settings
from services.registry.time_limits import DECISION_26_2026, go_by, load_time_limits

STACK = "amqp://operator:s3cret@127.0.0.1:1/"
OTHER = "amqp://operator:two@broker.example.vn/"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack that is up, and no settings."""
    (tmp_path / "operator.env").write_text(f"OCOP_OPERATOR_AMQP_URL='{STACK}'\n", "ascii")
    monkeypatch.chdir(tmp_path)
    for name in ("OPERATOR_AMQP_URL", "OPERATOR_MONGO_URL", "MANAGEMENT_URL", "SERVICE_URLS"):
        monkeypatch.delenv(f"OCOP_{name}", raising=False)
    return tmp_path


def test_a_folder_names_the_broker_of_its_stack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_OPERATOR_AMQP_URL", OTHER)

    assert operator_access(folder).url == STACK


@pytest.mark.usefixtures("folder")
def test_without_a_folder_the_setting_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_OPERATOR_AMQP_URL", OTHER)

    assert operator_access(None).url == OTHER
    assert operator_access(None).place == "broker.example.vn:5672"


def test_the_setting_may_be_a_file_of_the_secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ocop_operator_amqp_url").write_text(OTHER, "ascii")
    monkeypatch.setenv("OCOP_SECRETS_DIR", str(folder))

    assert operator_access(None).url == OTHER


def test_where_nothing_is_up_it_says_so(folder: Path) -> None:
    with pytest.raises(AccessError, match=r"nothing is up in .*: start it with `make up`"):
        operator_access(folder / "elsewhere")


def test_where_nothing_is_up_it_names_all_that_another_installation_takes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operator_settings_module, "LOCAL", folder / "elsewhere")

    with pytest.raises(AccessError, match="or set OCOP_OPERATOR_AMQP_URL and OCOP_OPERATOR_MONGO_URL to"):
        operator_settings(None)


@pytest.mark.usefixtures("folder")
def test_who_names_a_database_never_gets_the_broker_of_the_stack_that_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_settings_module, "LOCAL", Path())
    monkeypatch.setenv("OCOP_OPERATOR_MONGO_URL", "mongodb://operator:x@mongo.example.vn/")

    assert operator_settings(None).mongo_url == "mongodb://operator:x@mongo.example.vn/"
    with pytest.raises(AccessError, match="OCOP_OPERATOR_AMQP_URL is not set"):
        operator_access(None)


def test_what_is_exported_of_the_stack_itself_leaves_it_the_one_that_is_meant(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/integrating.md says to do for curl."""
    monkeypatch.setattr(operator_settings_module, "LOCAL", Path())
    with (folder / "operator.env").open("a", encoding="ascii") as file:
        file.write("OCOP_MANAGEMENT_URL=http://127.0.0.1:2\n")
    monkeypatch.setenv("OCOP_MANAGEMENT_URL", "http://127.0.0.1:2")

    assert operator_access(None).url == STACK


@pytest.mark.usefixtures("folder")
def test_a_setting_of_another_installation_is_named_where_another_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_settings_module, "LOCAL", Path())
    monkeypatch.setenv("OCOP_MANAGEMENT_URL", "http://broker.example.vn:15672")

    with pytest.raises(AccessError) as no_broker:
        operator_access(None)
    with pytest.raises(AccessError) as no_database, opened_reader(operator_settings(None)):
        pass

    named = "; or, for the stack of `make up`, unset what names another installation: OCOP_MANAGEMENT_URL"
    assert str(no_broker.value) == (
        f"OCOP_OPERATOR_AMQP_URL is not set: set it to the operator's URL of the broker{named}"
    )
    assert str(no_database.value).endswith(named)


@pytest.mark.parametrize("url", ["broker", "http://operator:s3cret@host/", "amqp://operator:s3cret@host:x/"])
@pytest.mark.usefixtures("folder")
def test_a_wrong_url_is_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_OPERATOR_AMQP_URL", url)

    with pytest.raises(AccessError) as raised:
        operator_access(None)

    assert str(raised.value) == "OCOP_OPERATOR_AMQP_URL must be amqp[s]://user:password@host:port/vhost"


@pytest.mark.parametrize(
    ("path", "vhost"), [("", "/"), ("/", "/"), ("/%2F", "/"), ("/%2f", "/"), ("/ocop", "ocop"), ("/a%2Fb", "a/b")]
)
def test_the_virtual_host_is_read_as_a_url_writes_it(path: str, vhost: str) -> None:
    assert Access(f"amqp://operator:s3cret@broker.example.vn{path}").vhost == vhost


def test_what_is_discarded_is_written_where_a_file_of_settings_says(folder: Path) -> None:
    (folder / ".env").write_text("OCOP_DISCARD_LOG=discarded.jsonl\n", "utf-8")

    assert said_settings().discard_log == Path("discarded.jsonl")


def test_days_are_counted_by_the_limits_that_the_registry_goes_by(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path(str(DECISION_26_2026)).read_text("utf-8")
    (folder / "limits.yaml").write_text(written.replace("value: 36", "value: 24", 1), "utf-8")
    monkeypatch.setenv("OCOP_TIME_LIMITS", "limits.yaml")
    try:
        operator_settings(folder)

        assert load_time_limits() == load_time_limits(folder / "limits.yaml") != load_time_limits(DECISION_26_2026)
    finally:
        go_by(DECISION_26_2026)


def test_the_password_is_in_no_repr(folder: Path) -> None:
    assert "s3cret" not in repr(operator_access(folder))


def test_a_stack_s_file_names_its_other_servers_too(folder: Path) -> None:
    others = (
        "OCOP_MANAGEMENT_URL=http://127.0.0.1:2\nOCOP_SERVICE_URLS=registry=http://127.0.0.1:3,http://127.0.0.1:4\n"
    )
    with (folder / "operator.env").open("a", encoding="ascii") as file:
        file.write(others)

    assert operator_access(folder).management_url == "http://127.0.0.1:2"
    assert operator_settings(folder).service_urls == ("http://127.0.0.1:3", "http://127.0.0.1:4")
    assert operator_settings(folder).service_names == {"http://127.0.0.1:3": "registry"}
    assert operator_settings(folder).mongo_url is None


@pytest.mark.parametrize(
    ("url", "place", "likely"),
    [
        ("amqp://operator:x@broker.example.vn/", "broker.example.vn:5672", "http://broker.example.vn:15672"),
        ("amqps://operator:x@broker.example.vn/", "broker.example.vn:5671", "https://broker.example.vn:15671"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_broker_and_management_interface_are_looked_for_where_they_usually_are(
    url: str, place: str, likely: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCOP_OPERATOR_AMQP_URL", url)
    monkeypatch.delenv("OCOP_MANAGEMENT_URL", raising=False)

    assert operator_access(None).place == place
    assert operator_access(None).management_url == likely
