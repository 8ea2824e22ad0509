"""`ocop access`: passwords, and what they open, on a broker and a database."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from ops.access import adding, database
from ops.access.applying import apply_to_broker, definitions_of
from ops.access.broker import ADMIN
from ops.access.credentials import Issued, as_issued, issue, load
from ops.access.entry import FORMS, entry
from ops.access.former import drop_former
from ops.access.installation import Installation, installation, settings_beside
from ops.access.published import publish, published_definitions, published_roles
from ops.commands import IN_CLONE, LOCAL, require
from ops.errors import CommandError
from ops.typed import as_typed
from shared.errors import SettingsError
from shared.integrations import load_integrations
from shared.storage import tls_options

app = typer.Typer(no_args_is_help=True, help="Who may do what: make passwords, and bring users and rights to servers.")

_PASSWORDS = "the folder of the passwords: a folder a user, a file a URL"
_OF_THE_STACK = "those of the stack that `make up` runs"
Folder = Annotated[Path | None, typer.Argument(help=_PASSWORDS, show_default=_OF_THE_STACK)]
ManagementUrl = Annotated[
    str | None,
    typer.Option(
        envvar="OCOP_MANAGEMENT_URL",
        help="the broker's management interface, without a user",
        show_default="the stack's",
    ),
]
Authority = Annotated[
    Path | None, typer.Option(envvar="OCOP_TLS_CA_FILE", help="PEM file of the authority that servers are held to")
]
Integrations = Annotated[
    Path | None,
    typer.Option(
        envvar="OCOP_INTEGRATIONS", help="the file that says who connects", show_default="deploy/integrations.yaml"
    ),
]


@app.command("add")
def add_integration(
    name: Annotated[str, typer.Argument(help="its name: small letters, digits, hyphens")],
    *,
    scope: Annotated[str, typer.Option(help=f"who it is, and for which places: {FORMS}")],
    listens_to: Annotated[
        list[str] | None,
        typer.Option(help="the only kinds of events that it is to see of its places", show_default="all that it may"),
    ] = None,
    management_api: Annotated[
        bool, typer.Option("--management-api", help="let it try things out over HTTP, which nobody needs in production")
    ] = False,
    secrets: Annotated[Path | None, typer.Option(help=_PASSWORDS, show_default=_OF_THE_STACK)] = None,
    management_url: ManagementUrl = None,
    tls_ca_file: Authority = None,
    integrations: Integrations = None,
) -> None:
    """Connect one more system: write it into the file, make its password, let it in, and say where its URL lies.

    Comments of the file stay. No service is restarted: registry and evaluation read the file again within two seconds.
    Where they read a copy of it, bring it there before you hand out the URL. Safe to repeat.

    Example: ocop access add son-tay --scope commune:01-09574 --listens-to product.rated
    """
    kinds = [kind for each in listens_to or () for kind in each.split(",")]
    with _told():
        where = installation(secrets, management_url=management_url, ca_file=tls_ca_file, integrations=integrations)
        new = entry(name, scope, listens_to=kinds, management_api=management_api)
        for line in adding.add(new, where):
            typer.echo(as_typed(line))


@app.command("issue")
def issue_passwords(
    folder: Folder = None,
    *,
    amqp: Annotated[
        str | None,
        typer.Option(help="the broker's URL as the services see it, without a user", show_default="as it was issued"),
    ] = None,
    mongo: Annotated[
        str | None,
        typer.Option(help="the database's URL as the services see it, without a user", show_default="as it was issued"),
    ] = None,
    readable_by_all: Annotated[
        bool, typer.Option("--readable-by-all", help="for volumes that only the right container mounts")
    ] = False,
    new_certificate_key: Annotated[
        bool, typer.Option("--new-certificate-key", help="sign certificates by a new key from now on")
    ] = False,
    integrations: Integrations = None,
) -> None:
    """Make a password for every service, the operator and every integration that has none yet, and write the URLs.

    It also makes the key under which the registry keeps persons' numbers, once, and the pair of keys for producers'
    contacts; where the public one was removed, a new pair beside the former private keys. And the key that signs
    certificates: of a former one the public part stays, by which its certificates are still checked.

    Example: ocop access issue secrets --amqp amqps://rabbitmq:5671/ --mongo "mongodb://mongo:27017/?tls=true"
    """
    with _told():
        folder = folder or LOCAL / "secrets"
        file = integrations or settings_beside(folder).integrations
        users = [user["name"] for user in published_definitions(file)["users"]]
        known = load(folder).keys() if folder.is_dir() else set()
        issued = _issued(folder, amqp, mongo, readable_by_all=readable_by_all)
        issue(folder, users, **asdict(issued), new_certificate_key=new_certificate_key)
    typer.echo(f"{folder}: {', '.join((ADMIN, *users))}")
    if new := [user for user in users if user not in known]:
        typer.echo(as_typed(f"New, and unknown to the broker until ocop access apply: {', '.join(new)}"))
    if gone := sorted(known - {ADMIN, *users}):
        typer.echo(as_typed(f"Here, and not in the file of integrations: {', '.join(gone)}; ocop access apply"))


@app.command("apply")
def apply_access(
    folder: Folder = None,
    management_url: ManagementUrl = None,
    tls_ca_file: Authority = None,
    integrations: Integrations = None,
) -> None:
    """Bring exchanges, queues, policies, users and rights to the broker, roles and users to the database.

    It logs in as `admin` of the folder and can be repeated at any time; what is there is brought up to date. What an
    integration is not to see any more is unbound from its queue. Who can log in to the broker and is not in the file of
    integrations is named.

    Example: ocop access apply secrets --management-url http://rabbitmq:15672
    """
    with _told():
        where = installation(folder, management_url=management_url, ca_file=tls_ca_file, integrations=integrations)
        for line in apply_to_broker(where, definitions_of(where)):
            typer.echo(as_typed(line))
        asyncio.run(_apply_to_database(where))
    typer.echo("The database has its roles and users.")


@app.command("publish", hidden=not IN_CLONE)
def publish_files() -> None:
    """Write deploy/rabbitmq/definitions.json and deploy/mongodb/roles.json anew, from code and integrations.yaml.

    They show who reviews a change what broker and database get. It lists each integration with its scope, what it may
    file, and what it sees of its places whoever filed.

    Example: ocop access publish
    """
    require(IN_CLONE, "ocop access publish")
    with _told():
        for file in publish():
            typer.echo(str(file))
    for name, each in load_integrations().items():
        typer.echo(adding.in_words(name, each))


async def _apply_to_database(where: Installation) -> None:
    passwords = {each.user: each.mongo_password for each in load(where.secrets).values() if each.mongo_password}
    url = where.admin.mongo_url
    async with AsyncMongoClient[dict[str, Any]](url, **tls_options(url or "", where.ca_file)) as client:
        try:
            await database.apply(client, published_roles(), passwords)
        except KeyError as missing:
            (user,) = missing.args
            raise SettingsError(f"{where.secrets} has no password of {user}: ocop access issue makes it") from None
        await drop_former(client)


def _issued(folder: Path, amqp: str | None, mongo: str | None, *, readable_by_all: bool) -> Issued:
    """Return how to issue: as it is said or, where it is not said, as it was. Raise SettingsError the first time."""
    before = as_issued(folder)
    if before is None:
        if amqp is None or mongo is None:
            raise SettingsError(f"{folder} has no passwords yet: --amqp and --mongo say where the servers are")
        return Issued(amqp, mongo, readable_by_all)
    is_as_before = amqp is None and mongo is None and before.readable_by_all
    return Issued(amqp or before.amqp, mongo or before.mongo, readable_by_all or is_as_before)


@contextmanager
def _told() -> Iterator[None]:
    """Raise Exit, having said why, where an installation cannot be used (code 2) or a server does not do it (1)."""
    try:
        yield
    except SettingsError as error:
        raise _fault(str(error), code=2) from None
    except CommandError as error:
        raise _fault(str(error), code=1) from None
    except OSError as error:
        raise _fault(f"cannot write {error.filename}: {error.strerror}", code=1) from None
    except PyMongoError as error:
        raise _fault(f"the database did not take it: {type(error).__name__}", code=1) from None


def _fault(message: str, *, code: int) -> typer.Exit:
    typer.echo(as_typed(f"ocop: {message}"), err=True)
    return typer.Exit(code)
