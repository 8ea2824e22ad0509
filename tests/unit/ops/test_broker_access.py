"""Which broker the operators' commands talk to."""

from pathlib import Path

import pytest

from ops.broker_access import AccessError, operator_access

STACK = "amqp://operator:s3cret@127.0.0.1:1/"
OTHER = "amqp://operator:two@broker.example.vn/"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack that is up, and no settings."""
    (tmp_path / "operator.env").write_text(f"OCOP_OPERATOR_AMQP_URL='{STACK}'\n", "ascii")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OCOP_OPERATOR_AMQP_URL", raising=False)
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


@pytest.mark.parametrize("url", ["broker", "http://operator:s3cret@host/", "amqp://operator:s3cret@host:x/"])
@pytest.mark.usefixtures("folder")
def test_a_wrong_url_is_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_OPERATOR_AMQP_URL", url)

    with pytest.raises(AccessError) as raised:
        operator_access(None)

    assert str(raised.value) == "OCOP_OPERATOR_AMQP_URL must be amqp[s]://user:password@host:port/vhost"


def test_the_password_is_in_no_repr(folder: Path) -> None:
    assert "s3cret" not in repr(operator_access(folder))
