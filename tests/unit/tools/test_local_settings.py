"""What `make up` takes from the environment and from `.env`."""

from pathlib import Path

import pytest

from tools.local_settings import integrations_of, mails_go_to, passed_over, settings_said

ROOT = Path(__file__).parents[3]


def test_the_environment_comes_before_the_file_and_what_is_empty_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("OCOP_SMTP_URL=smtp://a:25\nOCOP_LOG_FORMAT=json\nOCOP_MAIL_FROM=\n", "utf-8")
    monkeypatch.setenv("OCOP_SMTP_URL", "smtp://b:25")
    monkeypatch.setenv("OCOP_LOG_FORMAT", "")

    said = settings_said(tmp_path)

    assert (said["OCOP_SMTP_URL"], said["OCOP_LOG_FORMAT"], "OCOP_MAIL_FROM" in said) == ("smtp://b:25", "json", False)


def test_where_mails_go_is_said_without_the_password(tmp_path: Path) -> None:
    out = mails_go_to({"OCOP_SMTP_URL": "smtp://ocop:geheim@mail.example.vn:587?starttls=required"}, tmp_path)

    assert out == "Mails go out, to mail.example.vn:587: OCOP_SMTP_URL says so"
    assert mails_go_to({}, tmp_path) == f"Mails that arrived: {tmp_path}"


def test_what_the_stack_has_of_its_own_is_named_where_it_is_set() -> None:
    said = {"OCOP_AMQP_URL": "amqp://a/", "OCOP_HTTP_PORT": "8080", "OCOP_PREFETCH": "5", "HOME": "/root"}

    assert passed_over(said, ["OCOP_AMQP_URL", "OCOP_MONGO_URL"]) == ["OCOP_AMQP_URL", "OCOP_HTTP_PORT"]
    assert passed_over({}, ["OCOP_AMQP_URL"]) == []


def test_the_file_of_integrations_is_the_one_that_the_services_read() -> None:
    assert integrations_of({}) == ROOT / "deploy" / "integrations.yaml"
    assert integrations_of({"OCOP_INTEGRATIONS": "deploy/ours.yaml"}) == ROOT / "deploy" / "ours.yaml"
    assert integrations_of({"OCOP_INTEGRATIONS": "/etc/ocop/ours.yaml"}) == Path("/etc/ocop/ours.yaml")
