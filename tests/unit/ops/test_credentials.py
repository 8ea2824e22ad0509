"""Passwords: one for each user and server, made once, readable by nobody else."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ops.access.credentials import issue, load
from services.registry.settings import MIN_KEY_BYTES
from shared.certificate_token import Signer, Verifier
from shared.contracts.dossier import Reach
from shared.sealing import OpeningKeys, SealingKey
from tests.unit.certificate_keys import CLAIMS

AMQP, MONGO = "amqp://rabbitmq:5672/", "mongodb://mongo:27017/?directConnection=true"
USERS = ("registry", "notifications", "operator", "integration.portal")


def issued(folder: Path, **options: bool) -> Path:
    issue(folder, USERS, amqp=AMQP, mongo=MONGO, **options)
    return folder


def test_each_user_finds_its_urls_in_a_folder_of_its_own(tmp_path: Path) -> None:
    issued(tmp_path)

    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert files == {
        "admin/ocop_admin_amqp_url",
        "admin/ocop_admin_mongo_url",
        "grafana/password",
        "integrations/portal/ocop_amqp_url",
        "mongo/password",
        "notifications/ocop_amqp_url",
        "notifications/ocop_contact_private_keys",
        "notifications/ocop_mongo_url",
        "operator/ocop_certificate_jwks",
        "operator/ocop_operator_amqp_url",
        "operator/ocop_operator_mongo_url",
        "rabbitmq/rabbitmq.conf",
        "registry/ocop_amqp_url",
        "registry/ocop_certificate_keys",
        "registry/ocop_contact_public_key",
        "registry/ocop_mongo_url",
        "registry/ocop_producer_key",
    }
    mongo_url = load(tmp_path)["registry"].mongo_url or ""
    assert mongo_url.startswith("mongodb://registry:")
    assert mongo_url.endswith("@mongo:27017/ocop_registry?directConnection=true")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        pytest.param("amqp://rabbitmq:5672/", "/%2F", id="the default, with a slash"),
        pytest.param("amqps://rabbitmq:5671", "/%2F", id="the default, without one"),
        pytest.param("amqp://rabbitmq:5672/%2F?heartbeat=10", "/%2F", id="the default, written out"),
        pytest.param("amqp://rabbitmq:5672/ocop", "/ocop", id="another one"),
    ],
)
def test_every_url_of_the_broker_names_its_virtual_host_as_java_and_ruby_need_it(
    tmp_path: Path, given: str, path: str
) -> None:
    issue(tmp_path, USERS, amqp=given, mongo=MONGO)

    assert {urlsplit(each.amqp_url).path for each in load(tmp_path).values()} == {path}


def test_no_two_passwords_are_the_same(tmp_path: Path) -> None:
    credentials = load(issued(tmp_path)).values()

    passwords = [password for each in credentials for password in (each.amqp_password, each.mongo_password) if password]
    assert len(set(passwords)) == len(passwords) == 9


def test_a_password_that_is_there_stays_and_a_server_may_move(tmp_path: Path) -> None:
    before = load(issued(tmp_path))

    issue(tmp_path, [*USERS, "evaluation"], amqp="amqps://elsewhere:5671/", mongo=MONGO)

    after = load(tmp_path)
    assert {user: after[user].amqp_password for user in before} == {u: c.amqp_password for u, c in before.items()}
    assert after["registry"].amqp_url.startswith("amqps://registry:")
    assert after["evaluation"].amqp_password


def test_the_key_of_producers_numbers_is_made_once_and_is_the_registry_s_alone(tmp_path: Path) -> None:
    before = load(issued(tmp_path))
    after = load(issued(tmp_path))

    key = before["registry"].producer_key or ""
    assert len(key.encode()) >= MIN_KEY_BYTES
    assert after["registry"].producer_key == before["registry"].settings["OCOP_PRODUCER_KEY"] == key
    assert [user for user, each in after.items() if each.producer_key and user != "registry"] == []


def sealed(folder: Path) -> str:
    return SealingKey.of(load(folder)["registry"].contact_public_key or "").seal(Reach(phone="024 3383 0000"))


def kept(folder: Path) -> OpeningKeys:
    return OpeningKeys.of(load(folder)["notifications"].contact_private_keys or "")


def test_what_the_registry_seals_notifications_alone_can_open(tmp_path: Path) -> None:
    text = sealed(issued(tmp_path))

    assert kept(issued(tmp_path)).open(text, Reach).phone == "024 3383 0000"
    assert [user for user, each in load(tmp_path).items() if each.contact_private_keys] == ["notifications"]
    assert '"d"' not in (load(tmp_path)["registry"].contact_public_key or '"d"')


def test_where_the_public_key_is_removed_a_new_pair_is_made_and_the_former_private_key_stays(tmp_path: Path) -> None:
    before = sealed(issued(tmp_path))
    (tmp_path / "registry" / "ocop_contact_public_key").unlink()

    after = sealed(issued(tmp_path))

    assert before.split(".")[0] != after.split(".")[0]
    assert [kept(tmp_path).open(text, Reach).phone for text in (before, after)] == ["024 3383 0000"] * 2
    assert len(kept(tmp_path).keys) == 2


def test_a_public_key_without_its_private_one_is_replaced(tmp_path: Path) -> None:
    issued(tmp_path)
    (tmp_path / "notifications" / "ocop_contact_private_keys").unlink()

    text = sealed(issued(tmp_path))

    assert kept(tmp_path).open(text, Reach).phone == "024 3383 0000"


def token(folder: Path) -> str:
    return Signer.of(load(folder)["registry"].certificate_keys or "").sign(CLAIMS)


def checked(folder: Path, token: str) -> str:
    return Verifier.of(load(folder)["operator"].certificate_jwks or "").verify(token).number


def test_what_the_registry_signs_the_operator_can_check_and_not_sign(tmp_path: Path) -> None:
    signed = token(issued(tmp_path))

    assert checked(issued(tmp_path), signed) == CLAIMS.number
    assert [user for user, each in load(tmp_path).items() if each.certificate_keys] == ["registry"]
    assert '"d"' not in str(load(tmp_path)["operator"].settings)
    assert token(tmp_path) == signed


def test_a_new_key_signs_and_what_the_former_one_signed_is_still_taken(tmp_path: Path) -> None:
    before = token(issued(tmp_path))

    after = token(issued(tmp_path, new_certificate_key=True))

    assert before != after
    assert [checked(tmp_path, each) for each in (before, after)] == [CLAIMS.number] * 2
    assert (load(tmp_path)["registry"].certificate_keys or "").count('"d"') == 1


def test_a_password_may_hold_any_letter(tmp_path: Path) -> None:
    own = issued(tmp_path) / "registry" / "ocop_amqp_url"
    own.write_text("amqp://registry:a%40b%3A%2F%25@rabbitmq:5672/", "utf-8")

    assert load(issued(tmp_path))["registry"].amqp_password == "a@b:/%"


def test_nobody_else_on_the_machine_can_read_them(tmp_path: Path) -> None:
    issued(tmp_path / "secrets")

    modes = {oct(each.stat().st_mode & 0o777) for each in (tmp_path / "secrets").rglob("*")}
    assert modes == {"0o700", "0o600"}


def test_in_a_container_s_volume_its_own_user_can(tmp_path: Path) -> None:
    issued(tmp_path / "secrets", readable_by_all=True)

    modes = {oct(each.stat().st_mode & 0o777) for each in (tmp_path / "secrets").rglob("*")}
    assert modes == {"0o755", "0o444"}
