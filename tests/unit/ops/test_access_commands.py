"""`ocop access` at the command line: one line on what is wrong, and how file, passwords and broker differ."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.access import commands as access
from ops.access import installation
from ops.access.credentials import load
from ops.access.published import DEFINITIONS

FAULTY = "portal:\n  scope: {portal: everywhere}\nson-tay:\n  scop: {commune: ['01-09574']}\n  scope: centre\n"
SERVERS = ("--amqp", "amqp://rabbitmq:5672/", "--mongo", "mongodb://mongo:27017/?tls=true")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of integrations, as the setting names it."""
    for name in ("OCOP_MANAGEMENT_URL", "OCOP_OPERATOR_AMQP_URL", "OCOP_RUN_WITH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCOP_INTEGRATIONS", str(tmp_path / "ours.yaml"))
    (tmp_path / "ours.yaml").write_text("portal:\n  scope: {portal: everywhere}\n", "utf-8")
    return tmp_path / "ours.yaml"


def ocop(*arguments: str) -> Result:
    return CliRunner().invoke(access.app, [*arguments])


@pytest.mark.parametrize(
    "command",
    [
        ("issue", "secrets", *SERVERS),
        ("apply", "secrets", "--management-url", "http://127.0.0.1:1"),
        ("add", "hoa-binh", "--scope", "centre", "--secrets", "secrets", "--management-url", "http://127.0.0.1:1"),
    ],
    ids=lambda command: command[0],
)
def test_a_fault_in_the_file_is_one_line_with_its_place(file: Path, command: tuple[str, ...]) -> None:
    ocop("issue", "secrets", *SERVERS)
    file.write_text(FAULTY, "utf-8")

    ran = ocop(*command)

    assert (ran.exit_code, ran.stderr) == (2, f"ocop: {file}: son-tay.scop: Extra inputs are not permitted\n")


def test_whoever_is_written_by_hand_gets_a_password_and_it_is_said_that_the_broker_does_not_know(file: Path) -> None:
    first = ocop("issue", "secrets", *SERVERS)
    before = load(Path("secrets"))
    file.write_text(file.read_text("utf-8") + "son-tay:\n  scope: centre\n", "utf-8")

    again = ocop("issue", "secrets")

    assert (first.exit_code, again.exit_code) == (0, 0), again.output
    assert "New, and unknown to the broker until ocop access apply: integration.son-tay\n" in again.output
    after = load(Path("secrets"))
    assert {user: after[user] for user in before} == before
    assert after["integration.son-tay"].amqp_url.endswith("@rabbitmq:5672/%2F")


def test_whoever_is_taken_out_of_the_file_and_has_a_password_is_named(file: Path) -> None:
    ocop("issue", "secrets", *SERVERS)
    file.write_text("son-tay:\n  scope: centre\n", "utf-8")

    ran = ocop("issue", "secrets")

    assert "Here, and not in the file of integrations: integration.portal; ocop access apply\n" in ran.output


def test_the_first_time_the_servers_have_to_be_named(file: Path) -> None:
    ran = ocop("issue", "secrets")

    assert (ran.exit_code, file.exists()) == (2, True)
    assert ran.stderr == "ocop: secrets has no passwords yet: --amqp and --mongo say where the servers are\n"


def test_whoever_has_no_password_yet_is_named_before_anything_is_applied(file: Path) -> None:
    ocop("issue", "secrets", *SERVERS)
    file.write_text("son-tay:\n  scope: centre\n", "utf-8")

    ran = ocop("apply", "secrets", "--management-url", "http://127.0.0.1:1")

    assert ran.exit_code == 2
    assert ran.stderr == "ocop: secrets has no password of integration.son-tay: ocop access issue makes it\n"


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("command", [("apply",), ("add", "son-tay", "--scope", "centre")])
def test_where_nothing_is_named_and_nothing_is_up_it_says_so(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ops.operator_settings.LOCAL", tmp_path)
    monkeypatch.setattr(installation, "LOCAL", tmp_path)

    ran = ocop(*command)

    assert ran.exit_code == 1
    assert ran.stderr == (
        f"ocop: nothing is up in {tmp_path}: start it with `make up`, "
        "or name the folder of another installation's passwords\n"
    )


@pytest.mark.usefixtures("file")
def test_the_management_interface_may_be_named_in_a_file_of_settings(tmp_path: Path) -> None:
    ocop("issue", "secrets", *SERVERS)
    (tmp_path / ".env").write_text("OCOP_MANAGEMENT_URL=ftp://rabbitmq\n", "utf-8")

    ran = ocop("apply", "secrets")

    assert ran.exit_code == 1
    assert ran.stderr == "ocop: the URL of the management interface must be http[s]://host:port, without a user\n"


@pytest.mark.usefixtures("file")
def test_a_stack_that_is_up_says_itself_where_it_is_and_which_file_it_goes_by(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.yaml"
    theirs.write_text("son-tay:\n  scope: centre\n", "utf-8")
    said = f"OCOP_OPERATOR_AMQP_URL=amqp://o:p@h/\nOCOP_MANAGEMENT_URL=http://h:1\nOCOP_INTEGRATIONS={theirs}\n"
    (tmp_path / "operator.env").write_text(said, "utf-8")

    where = installation.installation(tmp_path / "secrets", management_url=None, ca_file=None, integrations=None)

    assert (where.management_url, where.integrations) == ("http://h:1", theirs)


@pytest.mark.usefixtures("file")
def test_where_nothing_says_where_the_management_interface_is_it_is_asked_for() -> None:
    ocop("issue", "secrets", *SERVERS)

    ran = ocop("apply", "secrets")

    assert (ran.exit_code, ran.stderr.split(",")[0]) == (2, "ocop: --management-url")


@pytest.mark.usefixtures("file")
def test_who_uses_another_file_does_not_change_what_is_published() -> None:
    before = DEFINITIONS.read_bytes()

    ocop("issue", "secrets", *SERVERS)

    assert DEFINITIONS.read_bytes() == before
