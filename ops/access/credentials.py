"""Who logs in with which password: a folder a user, a file a URL, as the services' settings read them.

    secrets/registry/ocop_amqp_url         amqp://registry:…@host:5672/%2F
    secrets/registry/ocop_mongo_url        mongodb://registry:…@host:27017/ocop_registry
    secrets/registry/ocop_producer_key     the key under which the register hashes persons' numbers
    secrets/registry/ocop_contact_public_key               the key to which contacts are sealed (JWK)
    secrets/notifications/ocop_contact_private_keys        the keys that open them, the newest first (JWK Set)
    secrets/registry/ocop_certificate_keys                 the key that signs certificates, then former ones (JWK Set)
    secrets/operator/ocop_operator_amqp_url, ocop_operator_mongo_url
    secrets/operator/ocop_certificate_jwks                 the public parts, by which everybody checks them (JWK Set)
    secrets/integrations/portal/ocop_amqp_url
    secrets/admin/ocop_admin_amqp_url, ocop_admin_mongo_url
    secrets/rabbitmq/rabbitmq.conf         what the servers themselves read: the first administrator, a limit
    secrets/mongo/password, secrets/grafana/password

A folder is what one container is given to see. Passwords and keys are made once and stay.
Where the public key of contacts is removed, a new pair is made, and the former private keys stay beside the new one.
A new key of certificates is made where that is asked for; of the former one the public part stays.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_IROTH
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ops.access.broker import ADMIN, MAX_MESSAGE_BYTES
from ops.access.secret_files import kept_or_new, make, modes, read, write
from shared.certificate_token import new_signing_key
from shared.integrations import user_of
from shared.key_sets import public_part
from shared.messaging.delivery import OPERATOR
from shared.sealing import new_key
from shared.storage import database_of
from shared.system import SYSTEM

#: The virtual host `/` in the path of a URL (https://www.rabbitmq.com/docs/uri-spec).
_DEFAULT_VHOST = "/%2F"
#: bytes of a password, and of the producers' key, before it is written in 4/3 as many letters
_PASSWORD_BYTES, _KEY_BYTES = 24, 32
#: The service that has the producers' key, and the file.
_KEEPER, _KEY_FILE = "registry", "ocop_producer_key"
#: Who seals contacts and who opens them, each with the file of its keys.
_SEALER, _PUBLIC_KEY_FILE = "registry", "ocop_contact_public_key"
_OPENER, _PRIVATE_KEYS_FILE = "notifications", "ocop_contact_private_keys"
#: Who signs certificates and who checks them, each with the file of its keys.
_SIGNER, _SIGNING_KEYS_FILE = "registry", "ocop_certificate_keys"
_CHECKER, _CHECKING_KEYS_FILE = OPERATOR, "ocop_certificate_jwks"


#: In the order of the fields of `Credentials`.
_KEY_FILES = (_KEY_FILE, _PUBLIC_KEY_FILE, _PRIVATE_KEYS_FILE, _SIGNING_KEYS_FILE, _CHECKING_KEYS_FILE)


@dataclass(frozen=True)
class Issued:
    """How passwords were issued: the servers' URLs, without a user, and whether everybody may read the files."""

    amqp: str
    mongo: str
    readable_by_all: bool


@dataclass(frozen=True)
class Credentials:
    """The URLs of one user: on the broker and, where it may use it, on the database; and keys."""

    user: str
    amqp_url: str
    mongo_url: str | None
    producer_key: str | None = None
    contact_public_key: str | None = None
    contact_private_keys: str | None = None
    certificate_keys: str | None = None
    certificate_jwks: str | None = None

    @property
    def settings(self) -> dict[str, str]:
        """The secrets that a service gets in its environment."""
        named = {
            "OCOP_AMQP_URL": self.amqp_url,
            "OCOP_MONGO_URL": self.mongo_url,
            "OCOP_PRODUCER_KEY": self.producer_key,
            "OCOP_CONTACT_PUBLIC_KEY": self.contact_public_key,
            "OCOP_CONTACT_PRIVATE_KEYS": self.contact_private_keys,
            "OCOP_CERTIFICATE_KEYS": self.certificate_keys,
            "OCOP_CERTIFICATE_JWKS": self.certificate_jwks,
        }
        return {name: value for name, value in named.items() if value}

    @property
    def amqp_password(self) -> str:
        """The password on the broker."""
        return _password_in(self.amqp_url)

    @property
    def mongo_password(self) -> str | None:
        """The password on the database, another one."""
        return _password_in(self.mongo_url) if self.mongo_url else None


def issue(
    folder: Path,
    users: Collection[str],
    *,
    amqp: str,
    mongo: str,
    readable_by_all: bool = False,
    new_certificate_key: bool = False,
) -> None:
    """Write the URLs of these users and of the administrator, with new passwords where there are none yet, and keys.

    `amqp` and `mongo` are the servers' URLs without a user: `amqp://rabbitmq:5672/`. `readable_by_all` is for volumes
    that only the right container mounts; otherwise the files are this user's alone. `new_certificate_key`: certificates
    are to be signed by a new key from now on.

    Raises:
        OSError: the folder cannot be written.
    """
    of_files = modes(readable_by_all)
    make(folder / "integrations", of_files[0])
    issue_urls(folder, (ADMIN, *users), Issued(amqp, mongo, readable_by_all))
    if _KEEPER in users:
        write(folder / _KEEPER / _KEY_FILE, kept_or_new(folder / _KEEPER / _KEY_FILE, _KEY_BYTES), of_files)
    if {_SEALER, _OPENER} <= {*users}:
        _issue_contact_keys(folder, of_files)
    if {_SIGNER, _CHECKER} <= {*users}:
        _issue_certificate_keys(folder, of_files, new=new_certificate_key)
    admin = load(folder)[ADMIN]
    settings = {"default_user": ADMIN, "default_pass": admin.amqp_password, "max_message_size": MAX_MESSAGE_BYTES}
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    write(folder / "rabbitmq" / "rabbitmq.conf", lines, of_files)
    write(folder / "mongo" / "password", admin.mongo_password or "", of_files)
    grafana = folder / "grafana" / "password"
    write(grafana, kept_or_new(grafana, _PASSWORD_BYTES), of_files)


def issue_urls(folder: Path, users: Iterable[str], issued: Issued) -> None:
    """Write the URLs of these users alone, with new passwords where there are none yet. Raise OSError."""
    for user in users:
        named = {"amqp_url": _amqp_url(issued.amqp, user), "mongo_url": _mongo_url(issued.mongo, user)}
        urls = {_file(user, kind): url for kind, url in named.items() if url}
        for name, url in urls.items():
            file = folder_of(folder, user) / name
            write(file, _with_password(url, file), modes(issued.readable_by_all))


def load(folder: Path) -> dict[str, Credentials]:
    """Return user → credentials of every user in the folder. Raise FileNotFoundError where there is no such folder."""
    return {credentials.user: credentials for credentials in _loaded(folder)}


def as_issued(folder: Path) -> Issued | None:
    """Return how the passwords of a folder were issued, None where it has none of a service."""
    known = load(folder) if folder.is_dir() else {}
    of_service = next((known[name] for name in SYSTEM.names if name in known and known[name].mongo_url), None)
    if of_service is None:
        return None
    amqp, mongo = map(_without_user, (of_service.amqp_url, of_service.mongo_url or ""))
    mode = (folder / of_service.user / _file(of_service.user, "amqp_url")).stat().st_mode
    return Issued(amqp, mongo, readable_by_all=bool(mode & S_IROTH))


def folder_of(folder: Path, user: str) -> Path:
    """Return the folder of one user; all integrations' are in one, so that a new one needs no new volume."""
    name = user.removeprefix(user_of(""))
    return folder / user if name == user else folder / "integrations" / name


def _loaded(folder: Path) -> Iterator[Credentials]:
    own = {each.name: each for each in folder.iterdir()}
    integrations = own.pop("integrations", folder)
    own |= {user_of(each.name): each for each in integrations.iterdir() if integrations != folder}
    for user, where in sorted(own.items()):
        with suppress(FileNotFoundError, NotADirectoryError):
            amqp_url = (where / _file(user, "amqp_url")).read_text("utf-8")
            mongo_url, *keys = (read(where / name) for name in (_file(user, "mongo_url"), *_KEY_FILES))
            yield Credentials(user, amqp_url, mongo_url, *keys)


def _issue_contact_keys(folder: Path, of_files: tuple[int, int]) -> None:
    """Make a new pair where the public key is that of no private one. The private keys are written first."""
    public, private = folder / _SEALER / _PUBLIC_KEY_FILE, folder / _OPENER / _PRIVATE_KEYS_FILE
    keys = json.loads(read(private) or '{"keys": []}')["keys"]
    kid = json.loads(read(public) or "{}").get("kid")
    in_use = next((key for key in keys if key["kid"] == kid), None)
    if in_use is None:
        in_use = new_key()
        keys = [in_use, *keys]
    write(private, json.dumps({"keys": keys}), of_files)
    write(public, json.dumps(public_part(in_use)), of_files)


def _issue_certificate_keys(folder: Path, of_files: tuple[int, int], *, new: bool) -> None:
    """Make a key where there is none, or a new one before the others; the private part of a former one is dropped."""
    signing = folder / _SIGNER / _SIGNING_KEYS_FILE
    keys = json.loads(read(signing) or '{"keys": []}')["keys"]
    if new or not keys:
        keys = [new_signing_key(), *map(public_part, keys)]
    write(signing, json.dumps({"keys": keys}), of_files)
    write(folder / _CHECKER / _CHECKING_KEYS_FILE, json.dumps({"keys": [*map(public_part, keys)]}), of_files)


def _with_password(url: str, file: Path) -> str:
    """Return the URL with the password that its file has already, or else a new one."""
    with suppress(FileNotFoundError):
        if kept := _password_in(file.read_text("utf-8")):
            return url.replace("@", f":{quote(kept, safe='')}@", 1)
    return url.replace("@", f":{secrets.token_urlsafe(_PASSWORD_BYTES)}@", 1)


def _password_in(url: str) -> str:
    return unquote(urlsplit(url).password or "")


def _file(user: str, kind: str) -> str:
    role = {OPERATOR: "operator_", ADMIN: "admin_"}.get(user, "")
    return f"ocop_{role}{kind}"


def _amqp_url(amqp: str, user: str) -> str:
    """Return the URL with its virtual host written out: of a path `/` some clients make one without a name."""
    path = urlsplit(amqp).path
    return _with_user(amqp, user, path=_DEFAULT_VHOST if path in {"", "/"} else path)


def _mongo_url(mongo: str, user: str) -> str | None:
    """Return the URL with the database in which the user is at home; an integration has none."""
    if user in SYSTEM.collections:
        return _with_user(mongo, user, path=f"/{database_of(user)}")
    return _with_user(mongo, user, path="/admin") if user in {OPERATOR, ADMIN} else None


def _with_user(url: str, user: str, *, path: str | None = None) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc}", path=parts.path if path is None else path))


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
