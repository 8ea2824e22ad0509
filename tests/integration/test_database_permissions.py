"""Who may do what in the running database: what is forbidden is tried, and refused."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from shared.storage import database_of, now_database_of
from shared.system import SYSTEM
from tools.stack import LocalStack

Client = AsyncMongoClient[dict[str, Any]]
Attempt = Callable[[Client], Awaitable[Any]]

#: MongoDB's error code for what a user may not do (error_codes.yml).
UNAUTHORIZED = 13


@pytest.fixture
async def client(stack: LocalStack, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    async with AsyncMongoClient[dict[str, Any]](
        stack.credentials(request.param).mongo_url, serverMonitoringMode="poll"
    ) as client:
        yield client


def own(service: str, client: Client) -> Any:
    return client[database_of(service)][SYSTEM.collections[service]]


def derived(service: str, client: Client) -> Any:
    return client[now_database_of(database_of(service))][SYSTEM.collections[service]]


@pytest.mark.parametrize(
    ("client", "service"), [(service, service) for service in SYSTEM.collections], indirect=["client"]
)
async def test_a_service_keeps_what_is_derived_up_to_date(client: Client, service: str) -> None:
    id = uuid4().hex
    await derived(service, client).create_index("next_due")
    await derived(service, client).insert_one({"_id": id, "version": 1})
    await derived(service, client).replace_one({"_id": id, "version": {"$lt": 2}}, {"version": 2}, upsert=True)
    assert await derived(service, client).find_one({"_id": id}) == {"_id": id, "version": 2}
    assert (await derived(service, client).delete_one({"_id": id})).deleted_count == 1


@pytest.mark.parametrize(
    ("client", "service"), [(service, service) for service in SYSTEM.collections], indirect=["client"]
)
async def test_a_service_adds_to_its_own_collection_and_reads_it(client: Client, service: str) -> None:
    id = uuid4().hex
    await own(service, client).insert_one({"_id": id})
    assert await own(service, client).find_one({"_id": id}) == {"_id": id}


def _on_own(service: str) -> list[tuple[str, Attempt]]:
    return [
        ("changes a record", lambda client: own(service, client).update_one({}, {"$set": {"stars": 5}})),
        ("replaces a record", lambda client: own(service, client).replace_one({}, {"stars": 5})),
        ("deletes a record", lambda client: own(service, client).delete_one({})),
        ("drops its collection", lambda client: own(service, client).drop()),
        ("drops its database", lambda client: client.drop_database(database_of(service))),
        ("drops an index", lambda client: own(service, client).drop_index("filing_1")),
        ("makes a user", lambda client: client[database_of(service)].command("createUser", "x", pwd="x", roles=[])),
        ("lists users", lambda client: client[database_of(service)].command("usersInfo", 1)),
        ("lists databases", lambda client: client.list_database_names()),
        ("grants itself more", lambda client: client.admin.command("grantRolesToUser", service, roles=["root"])),
    ]


def _on_others(other: str) -> list[tuple[str, Attempt]]:
    return [
        (f"reads the records of {other}", lambda client: own(other, client).find_one()),
        (f"adds to the records of {other}", lambda client: own(other, client).insert_one({"_id": uuid4().hex})),
        (f"changes the records of {other}", lambda client: own(other, client).update_one({}, {"$set": {"a": 1}})),
        (f"reads what {other} derives", lambda client: derived(other, client).find_one()),
        (f"changes what {other} derives", lambda client: derived(other, client).update_one({}, {"$set": {"a": 1}})),
    ]


FORBIDDEN = [
    pytest.param(service, action, id=f"{service} {what}")
    for service in SYSTEM.collections
    for what, action in [
        *_on_own(service),
        *(each for other in SYSTEM.collections if other != service for each in _on_others(other)),
    ]
]
FOR_OPERATORS = [
    pytest.param("operator", action, id=f"operator {what}")
    for what, action in [
        *_on_own("registry"),
        ("adds a record", lambda client: own("registry", client).insert_one({"_id": uuid4().hex})),
        ("changes what is derived", lambda client: derived("registry", client).update_one({}, {"$set": {"a": 1}})),
    ]
    if what not in {"lists users", "lists databases"}
]


@pytest.mark.parametrize(("client", "action"), [*FORBIDDEN, *FOR_OPERATORS], indirect=["client"])
async def test_is_refused(client: Client, action: Attempt) -> None:
    with pytest.raises(OperationFailure) as refused:
        await action(client)

    assert refused.value.code == UNAUTHORIZED


@pytest.mark.parametrize("client", ["operator"], indirect=True)
async def test_an_operator_reads_every_record(client: Client) -> None:
    for service in SYSTEM.collections:
        await own(service, client).find_one()


@pytest.mark.parametrize("client", ["operator"], indirect=True)
async def test_an_operator_reads_what_is_derived(client: Client) -> None:
    for service in SYSTEM.collections:
        await derived(service, client).find_one()


async def test_without_a_user_nothing_is_read(stack: LocalStack) -> None:
    host = stack.mongo_url.rpartition("@")[2].partition("/")[0]
    async with AsyncMongoClient[dict[str, Any]](f"mongodb://{host}/?directConnection=true") as stranger:
        with pytest.raises(OperationFailure):
            await own("registry", stranger).find_one()
