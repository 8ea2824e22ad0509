"""`ocop access add`: what is written, what is refused before anything is written, and in which order it goes on."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ops.access import applying
from ops.access.adding import add
from ops.access.credentials import issue, load
from ops.access.entry import append, entry
from ops.access.installation import Installation
from ops.access.management import ManagementError
from ops.access.published import published_definitions
from shared.errors import SettingsError
from shared.integrations import load_integrations, read_integrations

PORTAL = "# Who connects.\nportal:  # of the province\n  scope: {portal: everywhere}\n"


@dataclass
class Broker:
    """Remembers what it was brought, and the file of integrations as it was then."""

    file: Path
    users: set[str] = field(default_factory=lambda: {"admin", "registry", "integration.portal", "integration.gone"})
    away: bool = False
    written_when_applied: str = ""
    waited_seconds: list[float] = field(default_factory=list)

    def look(self, _url: str, path: str, **_: Any) -> list[dict[str, str]]:
        if self.away:
            raise ManagementError("http://rabbitmq:15672/api/users cannot be reached")
        return [{"name": user} for user in self.users] if path == "users" else []

    def import_definitions(self, _url: str, content: dict[str, Any], **_: Any) -> None:
        self.written_when_applied = self.file.read_text("utf-8")
        self.users |= {user["name"] for user in content["users"]}


@pytest.fixture
def where(tmp_path: Path) -> Installation:
    file = tmp_path / "integrations.yaml"
    file.write_text(PORTAL, "utf-8")
    users = [user["name"] for user in published_definitions(file)["users"]]
    issue(tmp_path / "secrets", users, amqp="amqp://rabbitmq:5672/", mongo="mongodb://mongo:27017/?tls=true")
    return Installation(tmp_path / "secrets", "http://rabbitmq:15672", None, file)


@pytest.fixture
def broker(where: Installation, monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker(where.integrations)
    monkeypatch.setattr(applying, "look", broker.look)
    monkeypatch.setattr(applying, "import_definitions", broker.import_definitions)
    monkeypatch.setattr(applying, "unbind", lambda _url, bindings, **_: list(bindings))
    return broker


def added(where: Installation, broker: Broker, scope: str = "commune:01-09574", **more: Any) -> list[str]:
    return [*add(entry("son-tay", scope, **more), where, wait=broker.waited_seconds.append)]


def test_it_is_written_issued_and_applied_and_its_url_is_named(where: Installation, broker: Broker) -> None:
    before = load(where.secrets)
    files = {file: file.stat().st_ino for file in where.secrets.rglob("ocop_*")}

    said = added(where, broker, listens_to=["product.rated"])

    assert where.integrations.read_text("utf-8") == (
        f'{PORTAL}\nson-tay:\n  scope: {{commune: ["01-09574"]}}\n  listens_to: [product.rated]\n'
    )
    after = load(where.secrets)
    assert {user: after[user] for user in before} == before, "nobody else's password changes"
    assert {file: file.stat().st_ino for file in files} == files, "and no other file: in a container they are read-only"
    assert after["integration.son-tay"].amqp_url.endswith("@rabbitmq:5672/%2F")
    assert "integration.son-tay" in broker.users
    assert said[-1] == f"Its URL, which holds its password: {where.secrets}/integrations/son-tay/ocop_amqp_url"
    assert "It did not know before: evaluation, integration.son-tay, notifications, operator" in said


def test_the_broker_lets_it_in_only_when_the_services_have_read_its_scope(where: Installation, broker: Broker) -> None:
    added(where, broker)

    assert "son-tay:" in broker.written_when_applied
    assert 1.5 < broker.waited_seconds[0] <= 2


def test_repeated_it_goes_on_and_writes_nothing_twice(where: Installation, broker: Broker) -> None:
    added(where, broker)
    content, password = where.integrations.read_bytes(), load(where.secrets)["integration.son-tay"].amqp_password

    said = added(where, broker)

    assert said[0] == f"{where.integrations}: son-tay is there already"
    assert where.integrations.read_bytes() == content
    assert load(where.secrets)["integration.son-tay"].amqp_password == password


def test_who_can_log_in_and_is_not_in_the_file_is_named_with_what_ends_it(
    where: Installation, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OCOP_RUN_WITH", raising=False)

    (line,) = (line for line in added(where, broker) if "can log in" in line)

    assert line.startswith(f"integration.gone can log in to the broker and is not in {where.integrations}. To end")
    assert "rabbitmqctl delete_user integration.gone;" in line


@pytest.mark.parametrize(
    ("scope", "more", "says"),
    [
        ("commune:01-99999", {}, "son-tay.scope: no province or commune in force has the code 01-99999"),
        ("commune:1", {}, "son-tay.scope: '1' is not the code of a province or of a province and a commune"),
        ("commune", {}, "--scope 'commune': write portal:everywhere, commune:01-09574,25-07918, province:01 or centre"),
        ("centre:everywhere", {}, "--scope 'centre:everywhere': write "),
        ("operator", {}, "--scope 'operator': write "),
        ("centre", {"listens_to": ["dossier.filed"]}, "son-tay.listens_to: no service announces dossier.filed; known:"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_before_anything_is_written(
    where: Installation, broker: Broker, scope: str, more: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        added(where, broker, scope, **more)

    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert where.integrations.read_text("utf-8") == PORTAL


@pytest.mark.parametrize("name", ["Sơn Tây", "son_tay", "", "a: b", "-a"])
def test_a_name_that_can_be_none_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="String should match pattern"):
        entry(name, "centre")


def test_where_the_broker_is_away_nothing_is_written(where: Installation, broker: Broker) -> None:
    broker.away = True

    with pytest.raises(ManagementError):
        added(where, broker)

    assert where.integrations.read_text("utf-8") == PORTAL


def test_who_is_there_with_another_scope_is_not_changed(where: Installation, broker: Broker) -> None:
    added(where, broker)

    with pytest.raises(SettingsError, match=r"son-tay is there, otherwise\. Change it there, then ocop access apply"):
        added(where, broker, "commune:25-07918")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("", id="nothing"),
        pytest.param("# nobody yet", id="a comment, and no line end"),
        pytest.param(PORTAL.removesuffix("\n"), id="no line end"),
        pytest.param(PORTAL.replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param('"portal": {scope: centre}  # flow\n\n\n', id="a mapping in one line"),
    ],
)
def test_what_is_there_stays_to_the_byte(tmp_path: Path, before: str) -> None:
    file = tmp_path / "integrations.yaml"
    file.write_bytes(before.encode())

    append(file, entry("son-tay", "province:01", management_api=True))

    content = file.read_bytes()
    assert content.startswith(before.encode())
    assert (b"\r\n" in before.encode()) == (b"son-tay:\r\n" in content)
    son_tay = load_integrations(file)["son-tay"]
    assert (str(son_tay.scope), son_tay.management_api) == ("province, 01", True)


@pytest.mark.parametrize(
    "before",
    ["{portal: {scope: centre}}\n", "  portal:\n    scope: centre\n", "portal: {scope: centre}\n...\n"],
    ids=["in braces", "indented", "ended"],
)
def test_a_file_that_would_mean_something_else_is_left_to_a_person(tmp_path: Path, before: str) -> None:
    file = tmp_path / "integrations.yaml"
    file.write_text(before, "utf-8")

    with pytest.raises(SettingsError, match="not written a name a line; put this into it:\nson-tay:\n  scope: centre"):
        append(file, entry("son-tay", "centre"))

    assert file.read_text("utf-8") == before


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.yaml: No such file or directory"):
        append(tmp_path / "missing.yaml", entry("son-tay", "centre"))


@pytest.mark.parametrize("name", ["123", "1e3", "null", "true", "0x1"])
def test_a_name_that_yaml_would_read_otherwise_is_written_in_quotation_marks(name: str) -> None:
    new = entry(name, "centre")

    assert [*read_integrations("\n".join(new.lines).encode())] == [name]
