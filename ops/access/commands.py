"""`ocop access`: passwords, and what they open, on a broker and a database."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from ops.access import database
from ops.access.bindings import surplus
from ops.access.broker import ADMIN, with_passwords
from ops.access.credentials import Credentials, issue, load
from ops.access.management import ManagementError, import_definitions, look, unbind
from ops.access.published import publish, published_definitions, published_roles
from ops.commands import IN_CLONE, require
from shared.errors import SettingsError
from shared.integrations import load_integrations, user_of
from shared.scopes import MAY_FILE
from shared.storage import tls_options

app = typer.Typer(no_args_is_help=True, help="Who may do what: make passwords, and bring users and rights to servers.")

Folder = Annotated[Path, typer.Argument(help="the folder of the passwords: a folder a user, a file a URL")]


@app.command("issue")
def issue_passwords(
    folder: Folder,
    amqp: Annotated[str, typer.Option(help="the broker's URL as the services see it, without a user")],
    mongo: Annotated[str, typer.Option(help="the database's URL as the services see it, without a user")],
    readable_by_all: Annotated[
        bool, typer.Option("--readable-by-all", help="for volumes that only the right container mounts")
    ] = False,
    new_certificate_key: Annotated[
        bool, typer.Option("--new-certificate-key", help="sign certificates by a new key from now on")
    ] = False,
) -> None:
    """Make a password for every user of the published definitions that has none yet, and write the URLs.

    It also makes the key under which the registry keeps persons' numbers, once, and the pair of keys for producers'
    contacts; where the public one was removed, a new pair beside the former private keys. And the key that signs
    certificates: of a former one the public part stays, by which its certificates are still checked.

    Example: ocop access issue secrets --amqp amqps://rabbitmq:5671/ --mongo "mongodb://mongo:27017/?tls=true"
    """
    users = [user["name"] for user in published_definitions()["users"]]
    try:
        issue(
            folder,
            users,
            amqp=amqp,
            mongo=mongo,
            readable_by_all=readable_by_all,
            new_certificate_key=new_certificate_key,
        )
    except OSError as error:
        raise _fault(f"cannot write {error.filename}: {error.strerror}", code=1) from None
    typer.echo(f"{folder}: {', '.join((ADMIN, *users))}")


@app.command("apply")
def apply_access(
    folder: Folder,
    management_url: Annotated[
        str,
        typer.Option(envvar="OCOP_MANAGEMENT_URL", help="the broker's management interface, without a user"),
    ],
    tls_ca_file: Annotated[
        Path | None, typer.Option(envvar="OCOP_TLS_CA_FILE", help="PEM file of the authority that servers are held to")
    ] = None,
) -> None:
    """Bring exchanges, queues, policies, users and rights to the broker, roles and users to the database.

    It logs in as `admin` of the folder and can be repeated at any time; what is there is brought up to date. What an
    integration is not to see any more is unbound from its queue.

    Example: ocop access apply secrets --management-url http://rabbitmq:15672
    """
    try:
        credentials = load(folder)
        admin = credentials[ADMIN]
    except (OSError, KeyError):
        raise _fault(f"{folder} has no credentials of {ADMIN}: ocop access issue makes them", code=2) from None
    users = [each for each in credentials.values() if each.user != ADMIN]
    try:
        content = with_passwords(published_definitions(), {each.user: each.amqp_password for each in users})
        _apply_to_broker(management_url, content, password=admin.amqp_password, ca_file=tls_ca_file)
        asyncio.run(_apply_to_database(admin, users, tls_ca_file))
        typer.echo("The database has its roles and users.")
    except KeyError as missing:
        raise _fault(f"{folder} has no password of {missing}: run ocop access issue again", code=2) from None
    except ManagementError as error:
        raise _fault(str(error), code=1) from error
    except PyMongoError as error:
        raise _fault(f"the database did not take it: {type(error).__name__}", code=1) from None


@app.command("publish", hidden=not IN_CLONE)
def publish_files() -> None:
    """Write deploy/rabbitmq/definitions.json and deploy/mongodb/roles.json anew, from code and integrations.yaml.

    It lists each integration with its scope, what it may file, and what it sees of its places whoever filed.

    Example: ocop access publish
    """
    require(IN_CLONE, "ocop access publish")
    try:
        for file in publish():
            typer.echo(str(file))
    except SettingsError as error:
        raise _fault(str(error), code=2) from None
    for name, each in load_integrations().items():
        may_file = (kind.name for kind in MAY_FILE if kind not in each.may_not_file)
        sees = ", ".join(kind.name for kind in each.sees) or "nothing"
        typer.echo(f"{user_of(name)}: {each.scope}; files {', '.join(may_file) or 'nothing'}; sees {sees}")


def _apply_to_broker(url: str, content: dict[str, Any], *, password: str, ca_file: Path | None) -> None:
    import_definitions(url, content, user=ADMIN, password=password, ca_file=ca_file)
    typer.echo("The broker has its queues, policies, users and rights.")
    found = look(url, "bindings/%2F", user=ADMIN, password=password, ca_file=ca_file)
    no_longer = surplus(content["bindings"], found)
    unbind(url, no_longer, user=ADMIN, password=password, ca_file=ca_file)
    for binding in no_longer:
        typer.echo(f"{binding['destination']} is no longer bound to {binding['routing_key']}")


async def _apply_to_database(admin: Credentials, users: list[Credentials], ca_file: Path | None) -> None:
    passwords = {each.user: each.mongo_password for each in users if each.mongo_password}
    trusted = tls_options(admin.mongo_url or "", ca_file)
    async with AsyncMongoClient[dict[str, Any]](admin.mongo_url, **trusted) as client:
        await database.apply(client, published_roles(), passwords)


def _fault(message: str, *, code: int) -> typer.Exit:
    typer.echo(f"ocop: {message}", err=True)
    return typer.Exit(code)
